import { type Problem, type ProblemCode, problemKinds } from '@whatsapp-operator/api/session';

interface Extras {
  readonly errors?: Problem['errors'];
  /** For Retry-After. Seconds, at least 1. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A refusal of the API, on its way to the client. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly errors: Problem['errors'];
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail what was wrong with this request, and what to do about it; no message bodies */
  constructor(code: ProblemCode, detail: string, { errors, retryAfterSeconds, headers, cause }: Extras = {}) {
    super(detail, { cause });
    this.name = 'ProblemError';
    this.code = code;
    this.errors = errors;
    const pause = retryAfterSeconds ?? defaultPause(code);
    this.headers = { ...headers, ...(pause === undefined ? {} : { 'retry-after': String(pause) }) };
  }

  get status(): number {
    return problemKinds[this.code].status;
  }
}

/** Overload and unavailability always say when to come back. Seconds. */
function defaultPause(code: ProblemCode): number | undefined {
  switch (problemKinds[code].status) {
    case 429:
      return 1;
    case 503:
      return 5;
    case 507:
      return 30;
    default:
      return undefined;
  }
}

/** The document that the client gets. */
export function problemDocument(error: ProblemError, requestId: string | undefined): Problem {
  const { status, title, retry } = problemKinds[error.code];
  return {
    type: 'about:blank',
    title,
    status,
    code: error.code,
    detail: error.message,
    retry,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
