import type { DeliveryOutcome } from '@whatsapp-operator/api/session';
import type { WebhookSettings } from './settings.ts';

/** What one request to a receiver came to. */
export type AttemptResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Milliseconds, as its Retry-After says. */
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: 'unanswered'; readonly detail: string }
  | { readonly kind: 'target-refused'; readonly detail: string };

/** What is known of an event that was tried in vain. */
export interface Failing {
  readonly refusals: number;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly firstAt: number;
}

export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly failing: Failing; readonly nextAt: number }
  | { readonly kind: 'dead'; readonly failing: Failing }
  /** Nothing is sent there any more. */
  | { readonly kind: 'gone' };

/** A receiver that asks for more patience than this is asked again. Milliseconds. */
export const MAX_RETRY_AFTER_MS = 3_600_000;
const LATER: readonly number[] = [408, 425, 429, 502, 503, 504];

export function outcomeOf(result: AttemptResult): DeliveryOutcome {
  switch (result.kind) {
    case 'unanswered':
      return 'unavailable';
    case 'target-refused':
      return 'target_refused';
    case 'answered':
      if (result.status >= 200 && result.status < 300) return 'delivered';
      if (result.status === 410) return 'gone';
      return LATER.includes(result.status) ? 'unavailable' : 'rejected';
  }
}

/**
 * What follows from an attempt. An event that the receiver answered and refused is given up after so many refusals;
 * one that it did not answer says nothing about the event, so only time ends it. Pure.
 *
 * @param random from 0 up to, not including, 1
 */
export function judge(
  result: AttemptResult,
  before: Failing | undefined,
  now: number,
  random: number,
  settings: Pick<WebhookSettings, 'maxAttempts' | 'retryForMs' | 'backoffBaseMs' | 'backoffMaxMs'>,
): Verdict {
  const outcome = outcomeOf(result);
  if (outcome === 'delivered') return { kind: 'delivered' };
  if (outcome === 'gone') return { kind: 'gone' };
  const refused = outcome === 'rejected';
  const failing: Failing = {
    refusals: (before?.refusals ?? 0) + (refused ? 1 : 0),
    attempts: (before?.attempts ?? 0) + 1,
    firstAt: before?.firstAt ?? now,
  };
  if (refused ? failing.refusals >= settings.maxAttempts : now - failing.firstAt >= settings.retryForMs) {
    return { kind: 'dead', failing };
  }
  const asked = result.kind === 'answered' ? (result.retryAfterMs ?? 0) : 0;
  const pause = Math.max(backoff(failing.attempts, random, settings), Math.min(asked, MAX_RETRY_AFTER_MS));
  return { kind: 'retry', failing, nextAt: now + pause };
}

/** Full jitter over base × 2^(n−1), at most the maximum. */
export const backoff = (
  attempts: number,
  random: number,
  { backoffBaseMs, backoffMaxMs }: Pick<WebhookSettings, 'backoffBaseMs' | 'backoffMaxMs'>,
): number => Math.ceil(random * Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(attempts - 1, 30)));

/** Milliseconds of a Retry-After, in seconds or as a date; undefined when it is neither. */
export function parseRetryAfter(written: string | undefined, now: number): number | undefined {
  if (written === undefined) return undefined;
  if (/^\d{1,9}$/.test(written.trim())) return Number(written) * 1000;
  const at = Date.parse(written);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
