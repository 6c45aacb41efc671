/** How the outbox sends. Durations in milliseconds. */
export interface OutboxSettings {
  /** Most messages handed over in any minute; each waits at least its share of the minute, plus jitter. */
  readonly ratePerMinute: number;
  /** Most attempts per message; those that were never begun do not count. */
  readonly maxAttempts: number;
  /** How long a message may stay without acknowledgement, while connected, before the line is suspected. */
  readonly ackTimeoutMs: number;
  /** How long a message may take to leave, when the request does not say. */
  readonly expiresAfterMs: number;
  /** What follows when a message was handed over and is absent from the page: nothing can be proven then. */
  readonly unproven: 'resend' | 'hold';
  /** How long one call into the page may take. */
  readonly sendDeadlineMs: number;
  /** Backoff between attempts: full jitter over base × 2^(n−1), at most the maximum. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** Most messages that are queued or sending; more are refused. */
  readonly maxOpen: number;
  /** Most calls into the page at once; the engine takes one after the other, so two keep it busy. */
  readonly maxInFlight: number;
  /** Most messages without acknowledgement in the page's hands; the next waits. */
  readonly maxUnacknowledged: number;
  /** Questions to the page per second at most; a quarter of it for messages that have left. */
  readonly lookupsPerSecond: number;
  /** How long delivery and reading are asked for after a message was sent. */
  readonly trackMs: number;
  /** How long ended messages are kept. */
  readonly retentionMs: number;
  /** How long an idempotency key is kept at least, counted from acceptance. */
  readonly idempotencyRetentionMs: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export const defaultOutboxSettings: OutboxSettings = {
  ratePerMinute: 60,
  maxAttempts: 8,
  ackTimeoutMs: 30 * second,
  expiresAfterMs: 24 * hour,
  unproven: 'resend',
  sendDeadlineMs: 60 * second,
  backoffBaseMs: 2 * second,
  backoffMaxMs: 5 * minute,
  maxOpen: 10_000,
  maxInFlight: 2,
  maxUnacknowledged: 64,
  lookupsPerSecond: 40,
  trackMs: day,
  retentionMs: 7 * day,
  idempotencyRetentionMs: 7 * day,
};
