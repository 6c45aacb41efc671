import type { Clock } from './clock.ts';
import type { ApiError } from './errors.ts';

/** Exponential backoff: `firstMs`, doubled with each attempt, never above `capMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly capMs: number;
}

/**
 * The delay before attempt `failures + 1`, `failures` counted from 1: half of the backoff fixed, half drawn, so that
 * the many that failed together do not come back together. `random` gives numbers in [0, 1).
 */
export function backoffMs({ firstMs, capMs }: Backoff, failures: number, random: () => number): number {
  // 2 ** 1100 is Infinity, which min brings back.
  const full = Math.min(capMs, firstMs * 2 ** Math.max(0, failures - 1));
  return full / 2 + (full / 2) * random();
}

export type RetryDecision =
  | { readonly kind: 'give_up' }
  | { readonly kind: 'retry'; readonly afterMs: number };

export interface RetryQuestion {
  readonly error: ApiError;
  /** Failures so far, this one included. */
  readonly failures: number;
  readonly retriesAllowed: number;
  /** A second time does the same as the first. */
  readonly idempotent: boolean;
  /** True if no byte of the request can have reached the server. */
  readonly unsent: boolean;
  readonly remainingMs: number;
  readonly random: () => number;
}

const transportBackoff: Backoff = { firstMs: 200, capMs: 10_000 };

/**
 * Whether the transport repeats a request. Never when the wait would not fit into the request's time: the caller
 * learns at once what is wrong, and how long the server asked to wait.
 */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const { error, failures, retriesAllowed, remainingMs, random } = question;
  if (failures > retriesAllowed || !mayRepeat(question)) return { kind: 'give_up' };
  const own = backoffMs(transportBackoff, failures, random);
  // On top of what the server asked for: it asked everyone for the same.
  const afterMs = error.retryAfterMs === undefined ? own : error.retryAfterMs + own;
  return afterMs >= remainingMs ? { kind: 'give_up' } : { kind: 'retry', afterMs };
}

function mayRepeat({ error, idempotent, unsent }: RetryQuestion): boolean {
  switch (error.code) {
    // Refused before it was looked at.
    case 429:
      return true;
    case 502:
    case 503:
    case 504:
      return idempotent;
    case 'connection':
      return idempotent || unsent;
    default:
      return false;
  }
}

/** Milliseconds of a Retry-After header: seconds or an HTTP date. Undefined for none and for nonsense. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

const reconnectBackoff: Backoff = { firstMs: 800, capMs: 30_000 };

/** Pauses of a loop that must go on: growing with failures in a row, small again after two minutes without any. */
export class ReconnectPause {
  readonly #clock: Clock;
  readonly #random: () => number;
  #failures = 0;
  #lastFailure = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Counts a failure and says how many milliseconds to wait. */
  afterFailure(): number {
    const now = this.#clock.monotonic();
    if (now - this.#lastFailure >= stableMs) this.#failures = 0;
    this.#lastFailure = now;
    this.#failures += 1;
    return backoffMs(reconnectBackoff, this.#failures, this.#random);
  }
}

const stableMs = 120_000;
