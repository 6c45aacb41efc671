import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Signatures of webhooks: HMAC-SHA-512 with the shared secret over `<timestamp>.<raw body>`, in lower-case hex. The
 * timestamp is signed too, so that an old delivery cannot be shown again as a new one. Promises: the time of a
 * verification does not depend on how much of a signature is right, nor on which secret it was made with.
 */

export const webhookHeaders = {
  hmac: 'x-webhook-hmac',
  algorithm: 'x-webhook-hmac-algorithm',
  /** Milliseconds since 1970, when the delivery was signed; a repeated delivery is signed anew. */
  timestamp: 'x-webhook-timestamp',
  /** The same for every delivery of one event to one receiver. */
  requestId: 'x-webhook-request-id',
} as const;

export const WEBHOOK_ALGORITHM = 'sha512';

/** How old a delivery may be, and how far the clocks may differ. Milliseconds. */
export const DEFAULT_TOLERANCE_MS = 300_000;

export interface VerifyOptions {
  /** One secret, or two while an old one is exchanged for a new one. */
  readonly secrets: string | readonly string[];
  /** How far the timestamp may be from now, either way. Milliseconds; default 300000. */
  readonly toleranceMs?: number | undefined;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: number | undefined;
}

export type WebhookRefusal =
  | 'header_missing'
  | 'algorithm_unknown'
  | 'timestamp_invalid'
  | 'timestamp_too_old'
  | 'timestamp_in_future'
  | 'signature_wrong';

export type WebhookVerdict =
  | { readonly ok: true; readonly requestId: string; readonly timestamp: number }
  | { readonly ok: false; readonly reason: WebhookRefusal; readonly detail: string };

/** Header names in any case, as frameworks give them; a `Headers` will do too. */
export type WebhookHeaders =
  | { readonly get: (name: string) => string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The signature of a body: for tests of receivers, and for whoever sends. */
export function signWebhook(secret: string, timestamp: number, body: string | Uint8Array): string {
  return createHmac(WEBHOOK_ALGORITHM, secret).update(`${timestamp}.`).update(body).digest('hex');
}

/**
 * Whether a delivery comes from somebody who has the secret, and is fresh.
 *
 * @param body the bytes as they came: parsed and printed again they are others
 * @throws TypeError when there is no secret to verify with
 */
export function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  { secrets, toleranceMs = DEFAULT_TOLERANCE_MS, now = Date.now() }: VerifyOptions,
): WebhookVerdict {
  const known = typeof secrets === 'string' ? [secrets] : secrets;
  if (known.length === 0 || known.includes(''))
    throw new TypeError('a webhook needs a secret that is not empty');
  const [hmac, algorithm, written, requestId] = [
    headerOf(headers, webhookHeaders.hmac),
    headerOf(headers, webhookHeaders.algorithm),
    headerOf(headers, webhookHeaders.timestamp),
    headerOf(headers, webhookHeaders.requestId),
  ];
  if (hmac === undefined || written === undefined || requestId === undefined)
    return refuse(
      'header_missing',
      `needs ${webhookHeaders.hmac}, ${webhookHeaders.timestamp}, ${webhookHeaders.requestId}`,
    );
  if (algorithm?.toLowerCase() !== WEBHOOK_ALGORITHM)
    return refuse('algorithm_unknown', `${webhookHeaders.algorithm} must be ${WEBHOOK_ALGORITHM}`);
  if (!/^\d{1,15}$/.test(written))
    return refuse('timestamp_invalid', `${webhookHeaders.timestamp} must be milliseconds since 1970`);
  const timestamp = Number(written);
  // The signature comes first: of a stranger's clock nothing is said.
  if (!isSignedByAny(known, timestamp, body, hmac))
    return refuse('signature_wrong', 'the signature fits none of the secrets and this body');
  if (now - timestamp > toleranceMs)
    return refuse('timestamp_too_old', `signed ${now - timestamp} ms ago, ${toleranceMs} are allowed`);
  if (timestamp - now > toleranceMs)
    return refuse('timestamp_in_future', `signed ${timestamp - now} ms from now: compare the clocks`);
  return { ok: true, requestId, timestamp };
}

const refuse = (reason: WebhookRefusal, detail: string): WebhookVerdict => ({ ok: false, reason, detail });

function isSignedByAny(
  secrets: readonly string[],
  timestamp: number,
  body: string | Uint8Array,
  hmac: string,
): boolean {
  const given = Buffer.from(hmac.toLowerCase(), 'latin1');
  return secrets
    .map((secret) => Buffer.from(signWebhook(secret, timestamp, body), 'latin1'))
    .map((expected) => expected.length === given.length && timingSafeEqual(expected, given))
    .includes(true);
}

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  if (isHeaders(headers)) return headers.get(name) ?? undefined;
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === 'string' ? found : found?.[0];
}

const isHeaders = (headers: WebhookHeaders): headers is { readonly get: (name: string) => string | null } =>
  typeof headers.get === 'function';
