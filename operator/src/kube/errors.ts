import type { Status, StatusDetails } from './objects.ts';

/**
 * What a failure asks of the caller:
 * - `retry`: the same request may succeed later (overload, network, credentials or rights that someone may grant,
 *   quota that someone may free);
 * - `conflict`: the cluster is not as the caller believed (409, 404, 410): read again, then decide again;
 * - `terminal`: the same request fails for as long as its content stays the same.
 */
export type ErrorClass = 'retry' | 'conflict' | 'terminal';

/** Codes of errors that have no HTTP status: nothing, or nothing usable, came back. */
export type TransportCode =
  /** Connection refused, reset, name not found, TLS refused. */
  | 'connection'
  /** No complete answer within the request's time. It may have taken effect. */
  | 'timeout'
  /** The caller's signal was aborted. */
  | 'aborted'
  /** The answer is not what this protocol allows: not JSON, a line without end, an unknown event. */
  | 'protocol'
  /** Credentials could not be had: a missing token file, a failing exec plugin. */
  | 'credentials'
  /** This process does not lead: the write was not sent. */
  | 'not_leader';

export interface ApiErrorOptions {
  /** The verb and the path, for people: `PATCH /api/v1/…/pods/sales`. */
  readonly attempted: string;
  readonly code: number | TransportCode;
  readonly class?: ErrorClass;
  /** The API server's reason, such as `AlreadyExists`, or `''`. */
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfterMs?: number | undefined;
  readonly details?: StatusDetails | undefined;
  readonly cause?: unknown;
}

/** A request to the API server that did not do what was asked. */
export class ApiError extends Error {
  readonly code: number | TransportCode;
  readonly reason: string;
  readonly class: ErrorClass;
  /** How long the server asks to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly details: StatusDetails | undefined;
  readonly attempted: string;

  constructor(options: ApiErrorOptions) {
    const why = [options.code, options.reason, options.message].filter(Boolean).join(' ');
    super(`${options.attempted}: ${why}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.code = options.code;
    this.reason = options.reason ?? '';
    this.class = options.class ?? classify(options.code);
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
    this.attempted = options.attempted;
  }
}

/** The default class of a code. */
export function classify(code: number | TransportCode): ErrorClass {
  switch (code) {
    case 404:
    case 409:
    case 410:
      return 'conflict';
    // 403 is also an exhausted quota or a right that is about to be granted, of which no watch tells.
    case 401:
    case 403:
    case 408:
    case 429:
    case 'connection':
    case 'timeout':
    case 'credentials':
    case 'protocol':
      return 'retry';
    case 'aborted':
    case 'not_leader':
      return 'terminal';
    default:
      return code >= 500 ? 'retry' : 'terminal';
  }
}

/** The error that an answer of the API server stands for. `body` may be anything: proxies answer HTML. */
export function errorOfAnswer(
  attempted: string,
  code: number,
  body: string,
  retryAfterMs: number | undefined,
): ApiError {
  const status = parseStatus(body);
  const fromBody = status?.details?.retryAfterSeconds;
  return new ApiError({
    attempted,
    code,
    reason: status?.reason ?? '',
    message: status?.message ?? body.slice(0, 200),
    retryAfterMs: retryAfterMs ?? (fromBody === undefined ? undefined : fromBody * 1000),
    details: status?.details,
  });
}

function parseStatus(body: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'kind' in parsed && parsed.kind === 'Status'
      ? (parsed as Status)
      : undefined;
  } catch {
    return undefined;
  }
}

const hasCode = (error: unknown, code: number | TransportCode): error is ApiError =>
  error instanceof ApiError && error.code === code;

export const isNotFound = (error: unknown): error is ApiError => hasCode(error, 404);

/** 409 because an object of this name is there already. */
export const isAlreadyExists = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason === 'AlreadyExists';

/** 409 because the object's version or UID is not the expected one. */
export const isConflict = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason !== 'AlreadyExists';

/** The version from which a list or watch should go on is too old. */
export const isGone = (error: unknown): error is ApiError => hasCode(error, 410);

export const isAborted = (error: unknown): error is ApiError => hasCode(error, 'aborted');

export const isNotLeader = (error: unknown): error is ApiError => hasCode(error, 'not_leader');
