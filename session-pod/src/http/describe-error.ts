import type { ProblemCode } from '@whatsapp-operator/api/session';
import { EngineError, type EngineErrorCode } from '../engine/errors.ts';
import { Failure } from '../failure.ts';
import { ProblemError } from './problem-error.ts';

/** Whatever was thrown while a request was served, as the problem that the client is told. Pure. */
export function describeError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof Failure) return fromFailure(error);
  if (error instanceof EngineError)
    return new ProblemError(ENGINE_PROBLEMS[error.code], error.message, { cause: error });
  return fromHttpError(error) ?? internal(error);
}

const internal = (cause: unknown): ProblemError =>
  new ProblemError('internal', 'this is not your fault: the log of the session pod says why', { cause });

/** Codes of outbox and media store that a client is told about. Others are bugs, or a broken volume. */
const FAILURE_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  storage_full: 'storage_full',
  storage_failed: 'storage_failed',
  queue_full: 'too_many_requests',
  shutting_down: 'shutting_down',
  idempotency_key_reused: 'idempotency_key_reused',
  message_not_found: 'message_not_found',
  event_not_found: 'event_not_found',
  webhook_not_found: 'webhook_not_found',
  webhook_exists: 'webhook_exists',
  webhook_of_settings: 'webhook_of_settings',
  webhook_url_refused: 'webhook_url_refused',
  webhook_limit: 'webhook_limit',
  media_gone: 'media_gone',
  not_cancellable: 'not_cancellable',
  invalid_cursor: 'invalid_request',
  media_too_large: 'payload_too_large',
  inbound_media_too_large: 'media_too_large',
  media_empty: 'media_refused',
};

const ENGINE_PROBLEMS: Readonly<Record<EngineErrorCode, ProblemCode>> = {
  engine_unavailable: 'not_connected',
  engine_timeout: 'engine_timeout',
  engine_failed: 'engine_failed',
};

function fromFailure(failure: Failure): ProblemError {
  const code = FAILURE_PROBLEMS[failure.code];
  return code === undefined ? internal(failure) : new ProblemError(code, failure.message, { cause: failure });
}

/** Errors that express and its body parser throw: they carry a status, and mostly a type. */
function fromHttpError(error: unknown): ProblemError | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const type = 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.parse.failed':
      return new ProblemError('invalid_json', 'the body cannot be parsed as JSON', { cause: error });
    case 'entity.too.large':
      return new ProblemError('payload_too_large', 'the body is larger than HTTP_MAX_BODY allows', {
        cause: error,
      });
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ProblemError('unsupported_media_type', 'send the body as UTF-8, without compression', {
        cause: error,
      });
    default:
      return error.status < 500
        ? new ProblemError('invalid_request', 'the request is malformed', { cause: error })
        : undefined;
  }
}
