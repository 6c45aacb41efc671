/** When the next thing may be done. Pure; randomness comes in as a number from 0 up to, not including, 1. */

/** Exponential backoff with full jitter: anywhere from 0 to base × 2^(n−1), at most the maximum. Milliseconds. */
export function backoff(
  attempts: number,
  { backoffBaseMs, backoffMaxMs }: { readonly backoffBaseMs: number; readonly backoffMaxMs: number },
  random: number,
): number {
  return Math.round(random * Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.max(0, attempts - 1)));
}

/**
 * How long after a handover the next one may follow: the share of the minute, and up to half of it more. No minute
 * sees more than the rate, and the rhythm is not that of a machine.
 */
export const handoverGap = (ratePerMinute: number, random: number): number =>
  Math.ceil((60_000 / ratePerMinute) * (1 + random / 2));

/** When the page is asked again about a message that has left: at ever longer intervals, from 30 s to 6 h. */
export function nextCheck(leftAt: number, now: number, trackMs: number): number | undefined {
  const age = now - leftAt;
  if (age >= trackMs) return undefined;
  return now + Math.min(Math.max(age, 30_000), 6 * 3_600_000);
}

/** A token bucket that holds what one second gives. */
export class LookupBudget {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = now;
  }

  /** Takes one; false when there is none. */
  take(now: number): boolean {
    // A clock that was set back must not empty the bucket for good.
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (elapsed * this.#perSecond) / 1000);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until there is one. */
  waitMs(): number {
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
  }
}
