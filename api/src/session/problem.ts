import { z } from 'zod';

/** Whether sending the same request again can help. */
export type RetryAdvice =
  /** No: the request itself has to change. */
  | 'never'
  /** Yes, unchanged, after the time in Retry-After or a pause with backoff. */
  | 'later'
  /** Only after a person or program has done something about the session. */
  | 'after_action';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly retry: RetryAdvice;
}

const kind = (status: number, title: string, retry: RetryAdvice): ProblemKind => ({ status, title, retry });

/**
 * Every way in which the session's API says no: a closed list, stable over versions. `code` in a problem document is
 * a key of this; its status and title follow from it.
 */
export const problemKinds = {
  invalid_request: kind(400, 'The request does not follow the contract', 'never'),
  invalid_json: kind(400, 'The body is not JSON', 'never'),
  invalid_multipart: kind(400, 'The multipart body is broken or incomplete', 'never'),
  unauthorized: kind(401, 'The API key is missing or wrong', 'never'),
  foreign_page: kind(403, 'Web pages may not call a session without a key', 'never'),
  not_found: kind(404, 'There is no such route', 'never'),
  message_not_found: kind(404, 'No message has this id', 'never'),
  event_not_found: kind(404, 'No event has this id, or it is about no file', 'never'),
  webhook_not_found: kind(404, 'No webhook has this id', 'never'),
  chat_not_found: kind(404, 'The account has no such chat', 'never'),
  method_not_allowed: kind(405, 'The route exists, but not with this method', 'never'),
  not_acceptable: kind(406, 'The answer has no such format', 'never'),
  request_timeout: kind(408, 'The request did not arrive in time', 'later'),
  not_cancellable: kind(409, 'The message can no longer be cancelled', 'never'),
  webhook_exists: kind(409, 'There is a webhook of this id', 'never'),
  webhook_of_settings: kind(409, 'The webhook comes from the settings', 'never'),
  already_linked: kind(409, 'The session is already linked to an account', 'after_action'),
  not_pairing: kind(409, 'There is no code to link with now', 'later'),
  session_failed: kind(409, 'The session has stopped and waits for a person', 'after_action'),
  media_gone: kind(410, 'WhatsApp has the file no more', 'never'),
  media_too_large: kind(422, 'The file is larger than is fetched', 'never'),
  payload_too_large: kind(413, 'The body or the file is larger than allowed', 'never'),
  unsupported_media_type: kind(415, 'The body has a content type that this route does not take', 'never'),
  webhook_url_refused: kind(422, 'Events are not sent to this address', 'never'),
  unsupported_chat: kind(422, 'Chats of this kind cannot be written to', 'never'),
  media_refused: kind(422, 'The file is not what it is sent as', 'never'),
  media_url_refused: kind(422, 'Files are not fetched from this address', 'never'),
  media_url_failed: kind(422, 'The file could not be fetched', 'later'),
  idempotency_key_reused: kind(422, 'The idempotency key was used with another request', 'never'),
  webhook_limit: kind(429, 'There are as many webhooks as are possible', 'later'),
  too_many_requests: kind(429, 'Too much at once', 'later'),
  request_headers_too_large: kind(431, 'The headers are larger than allowed', 'never'),
  internal: kind(500, 'The session pod failed; its log says why', 'later'),
  not_connected: kind(503, 'The session is not connected to WhatsApp now', 'later'),
  storage_failed: kind(503, 'The volume cannot be written', 'later'),
  shutting_down: kind(503, 'The session pod is shutting down', 'later'),
  engine_failed: kind(503, 'WhatsApp Web answered with an error', 'later'),
  engine_timeout: kind(504, 'WhatsApp Web did not answer in time', 'later'),
  storage_full: kind(507, 'The volume is nearly full: no new messages until the queue has drained', 'later'),
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

export const problemCode = z.enum(Object.keys(problemKinds) as [ProblemCode, ...ProblemCode[]]);

/** An error as RFC 9457 has it. `code` is what programs decide by, `detail` is for people. */
export const problemSchema = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: problemCode,
    detail: z.string().describe('What was wrong with this request, and what to do about it'),
    retry: z
      .enum(['never', 'later', 'after_action'])
      .describe('Whether sending the same request again can help'),
    errors: z
      .array(z.strictObject({ path: z.string().describe('Where, as body.chat'), message: z.string() }))
      .optional()
      .describe('Every mistake of an invalid request'),
    requestId: z.string().optional().describe("Finds the request in the pod's log"),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;
