/** The API server said no, or was not reached. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  readonly remedy: string | undefined;

  constructor(status: number | undefined, message: string, remedy?: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
    this.remedy = remedy;
  }
}
