/** How events are sent to webhooks. Durations in milliseconds, sizes in bytes. */
export interface WebhookSettings {
  /** How long a receiver may take to answer. */
  readonly timeoutMs: number;
  /** Answers other than 2xx until an event is given up. */
  readonly maxAttempts: number;
  /** How long an event that is not answered is tried, from its first attempt. */
  readonly retryForMs: number;
  readonly allowPrivateAddresses: boolean;
  /** Requests to one receiver at the same time; each of another chat. */
  readonly concurrency: number;
  /** Backoff: full jitter over base × 2^(n−1), at most the maximum. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** More of an answer is not read. */
  readonly maxAnswerBytes: number;
  /** Attempts that are kept for each webhook. */
  readonly keptAttempts: number;
  readonly maxWebhooks: number;
}

export const defaultWebhookSettings: WebhookSettings = {
  timeoutMs: 10_000,
  maxAttempts: 15,
  retryForMs: 24 * 3_600_000,
  allowPrivateAddresses: false,
  concurrency: 4,
  backoffBaseMs: 1000,
  backoffMaxMs: 300_000,
  maxAnswerBytes: 65_536,
  keptAttempts: 1000,
  maxWebhooks: 32,
};
