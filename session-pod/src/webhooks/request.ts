import { createHmac } from 'node:crypto';
import type { EventType } from '@whatsapp-operator/api/session';
import type { StoredEvent } from '../inbox/index.ts';

/** What is sent to a receiver. Pure: the same event gives the same body in every attempt. */

/** Id of an event that is unique over volumes and restores. */
export const eventUid = (logId: string, event: number): string => `evt_${logId}_${event}`;

/** A message goes under the name that the receiver asked for. */
function nameFor({ type }: StoredEvent, wanted: readonly EventType[] | undefined): EventType {
  return type === 'message' && wanted !== undefined && !wanted.includes('message') ? 'message.any' : type;
}

export function envelope(
  event: StoredEvent,
  {
    session,
    logId,
    wanted,
  }: {
    readonly session: string;
    readonly logId: string;
    readonly wanted: readonly EventType[] | undefined;
  },
): string {
  return JSON.stringify({
    id: eventUid(logId, event.id),
    event: nameFor(event, wanted),
    session,
    timestamp: event.occurredAt,
    sequence: event.id,
    payload: event.payload,
  });
}

export interface Signing {
  /** The first also makes `X-Webhook-Hmac`. */
  readonly secrets: readonly string[];
  readonly requestId: string;
  readonly eventId: string;
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const hmac = (secret: string, text: string): string =>
  createHmac('sha512', secret).update(text).digest('hex');

/**
 * `X-Webhook-Hmac` covers the raw body, as receivers know it. `X-Webhook-Signature` covers the time too, once with
 * each key: who checks it and refuses old ones cannot be sent the same request again by others.
 */
export function headersFor(
  body: string,
  { secrets, requestId, eventId, attempt, now }: Signing,
): Record<string, string> {
  const [first] = secrets;
  return {
    'content-type': 'application/json',
    'user-agent': 'whatsapp-operator',
    'x-webhook-request-id': requestId,
    'x-webhook-event-id': eventId,
    'x-webhook-timestamp': String(now),
    'x-webhook-attempt': String(attempt),
    ...(first === undefined
      ? {}
      : {
          'x-webhook-hmac': hmac(first, body),
          'x-webhook-hmac-algorithm': 'sha512',
          'x-webhook-signature': [
            `t=${now}`,
            ...secrets.map((secret) => `v1=${hmac(secret, `${now}.${body}`)}`),
          ].join(','),
        }),
  };
}
