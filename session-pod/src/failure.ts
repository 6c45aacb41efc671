/** What an error asks of whoever meets it: try again, change something first, or give way to somebody else. */
export type FailureClass = 'retry' | 'terminal' | 'conflict';

/**
 * An error with a stable code, which says what was attempted and carries its cause. What the HTTP API tells follows
 * from the code.
 */
export class Failure<Code extends string = string> extends Error {
  readonly code: Code;
  readonly class: FailureClass;

  constructor(code: Code, failureClass: FailureClass, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.code = code;
    this.class = failureClass;
  }
}

export const isFailure = <Code extends string>(error: unknown, code: Code): error is Failure<Code> =>
  error instanceof Failure && error.code === code;

/** True for an error of the operating system with one of these codes, such as `ENOENT`. */
export const hasErrno = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
