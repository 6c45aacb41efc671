/** Why a question to the page got no answer. All of them may be asked again later. */
export type EngineErrorCode =
  /** There is no page that could be asked, or it went away meanwhile. */
  | 'engine_unavailable'
  /** The page did not answer within the deadline. */
  | 'engine_timeout'
  /** The page answered with an error. */
  | 'engine_failed';

/** A question to the page that got no answer. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EngineError';
    this.code = code;
  }
}
