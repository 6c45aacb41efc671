import type { Message, OutcomeCode, Problem, ProblemCode } from './generated/contract.ts';

/**
 * One error class for everything that this package throws, with a stable `code` to decide by. What a caller aborts
 * itself is thrown as the signal's reason, as everywhere on the web platform.
 */

/**
 * What a caller can do about an error.
 * `retry`: the same call may succeed later. `terminal`: it will not, as it is. `conflict`: something else has to
 * change first: the session needs a person, or the call contradicts an earlier one.
 */
export type ErrorKind = 'retry' | 'terminal' | 'conflict';

/** Codes of this package, besides those of the API. */
export type ClientErrorCode =
  /** No connection, or it broke before an answer came. */
  | 'unreachable'
  /** No answer in time, or not reached in time what was waited for. */
  | 'timeout'
  /** The answer is none of the session's API: a proxy's page, another server. */
  | 'bad_answer'
  /** A message that was waited for ended otherwise than sent; `outcome` says why. */
  | 'not_sent'
  /** The session has to be linked by a person before it can connect. */
  | 'pairing_required'
  /** URL, key or an option is missing or wrong. */
  | 'invalid_settings'
  /** A file to be sent cannot be read. */
  | 'file_unreadable';

export type ErrorCode = ProblemCode | ClientErrorCode;

export interface ErrorDetails {
  readonly cause?: unknown;
  /** HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  /** The problem document, when the API answered with one. */
  readonly problem?: Problem | undefined;
  /** How long the API asks to wait. Milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** How often it was tried. */
  readonly attempts?: number | undefined;
  /** Of a send: give it again with the same message, and the message still arrives once. */
  readonly idempotencyKey?: string | undefined;
  /** The message as it was last seen. */
  readonly sent?: Message | undefined;
}

export class WhatsAppError extends Error {
  override readonly name = 'WhatsAppError';
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly status: number | undefined;
  readonly problem: Problem | undefined;
  readonly retryAfterMs: number | undefined;
  readonly attempts: number | undefined;
  readonly idempotencyKey: string | undefined;
  /** The message as it was last seen, of `not_sent` and of a `timeout` of waiting. */
  readonly sent: Message | undefined;

  constructor(code: ErrorCode, kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.kind = kind;
    this.status = details.status;
    this.problem = details.problem;
    this.retryAfterMs = details.retryAfterMs;
    this.attempts = details.attempts;
    this.idempotencyKey = details.idempotencyKey;
    this.sent = details.sent;
  }

  /** Why a message was not sent, of `not_sent`. */
  get outcome(): OutcomeCode | undefined {
    return this.sent?.outcome?.code;
  }

  /** The same error with more known about it. */
  with(details: ErrorDetails): WhatsAppError {
    const { cause, status, problem, retryAfterMs, attempts, idempotencyKey, sent } = this;
    return new WhatsAppError(this.code, this.kind, this.message, {
      cause,
      status,
      problem,
      retryAfterMs,
      attempts,
      idempotencyKey,
      sent,
      ...details,
    });
  }
}

/** Codes that say "later" and yet contradict an earlier call, or need the session to change. */
const CONFLICTS: readonly ProblemCode[] = ['idempotency_key_reused', 'not_cancellable', 'already_linked'];

/** How the advice in a problem document is classed. */
export function kindOfProblem({ code, retry }: Pick<Problem, 'code' | 'retry'>): ErrorKind {
  if (CONFLICTS.includes(code)) return 'conflict';
  switch (retry) {
    case 'never':
      return 'terminal';
    case 'later':
      return 'retry';
    case 'after_action':
      return 'conflict';
  }
}
