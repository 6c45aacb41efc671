import type { WhatsAppError } from '../errors.ts';

/** When a request is tried again: pure decisions. */

/** How long and how often. Every field has a default. */
export interface RetryPolicy {
  /** Time from the first attempt after which no other is begun. Milliseconds; default 120000, longer than a pod takes to be replaced. */
  readonly deadlineMs: number;
  /** Upper bound of the first pause; it doubles with every attempt. Milliseconds; default 200. */
  readonly baseMs: number;
  /** Upper bound of any pause that the server has not asked for. Milliseconds; default 10000. */
  readonly capMs: number;
  /** How long one attempt may wait for its answer. Milliseconds; default 30000. */
  readonly attemptTimeoutMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  deadlineMs: 120_000,
  baseMs: 200,
  capMs: 10_000,
  attemptTimeoutMs: 30_000,
};

/** What a repetition of a request would do. */
export type Repeatability =
  /** Nothing more than the first: reading, cancelling, or a send under its idempotency key. */
  | 'safe'
  /** Something again. Only repeated when it is certain that nothing was done. */
  | 'only_if_refused';

export interface AttemptFacts {
  readonly error: WhatsAppError;
  /** Attempts so far, at least 1. */
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly repeatability: Repeatability;
}

export type RetryDecision =
  | { readonly kind: 'retry'; readonly afterMs: number }
  | { readonly kind: 'give_up'; readonly why: 'terminal' | 'state' | 'not_repeatable' | 'deadline' };

/** Refusals that prove that nothing was done. */
const REFUSED_UNTOUCHED = new Set(['shutting_down', 'too_many_requests']);
/** These last as long as the session stays in its state, which a repetition does not change. */
const STATES = new Set(['not_connected', 'not_pairing']);

/**
 * Full jitter: the pause is drawn between nothing and the doubling bound, so that a thousand callers of a pod that
 * restarts do not come back at once. What Retry-After asks for is the least.
 *
 * @param random between 0 and 1
 */
export function decideRetry(facts: AttemptFacts, policy: RetryPolicy, random: number): RetryDecision {
  const { error, attempts, elapsedMs, repeatability } = facts;
  if (STATES.has(error.code)) return { kind: 'give_up', why: 'state' };
  if (error.kind !== 'retry') return { kind: 'give_up', why: 'terminal' };
  if (repeatability === 'only_if_refused' && !REFUSED_UNTOUCHED.has(error.code))
    return { kind: 'give_up', why: 'not_repeatable' };
  const bound = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempts - 1, 30));
  const afterMs = Math.round((error.retryAfterMs ?? 0) + random * bound);
  return elapsedMs + afterMs > policy.deadlineMs
    ? { kind: 'give_up', why: 'deadline' }
    : { kind: 'retry', afterMs };
}

/** Retry-After in seconds or as a date, in milliseconds; undefined when it is neither. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  if (header.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
