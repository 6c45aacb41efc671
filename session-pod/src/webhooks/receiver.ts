import { type AttemptResult, backoff, MAX_RETRY_AFTER_MS, outcomeOf } from './judge.ts';
import type { WebhookSettings } from './settings.ts';

/** Unanswered in so many chats in a row, the receiver counts as down; a single chat may have its own reasons. */
const DOWN_AFTER = 3;

export type ReceiverNews = 'down' | 'back' | 'nothing';

/**
 * Whether a receiver is there at all. While it is not, one event at a time is tried, with growing pauses, so that an
 * outage uses up nobody's attempts and ends without a storm. Kept in memory: a new process finds out by itself.
 */
export class ReceiverWatch {
  readonly #settings: Pick<WebhookSettings, 'concurrency' | 'backoffBaseMs' | 'backoffMaxMs'>;
  /** Chats whose requests were not answered since the last answer. */
  readonly #silentChats = new Set<string>();
  #unanswered = 0;
  #pausedUntil = 0;

  constructor(settings: Pick<WebhookSettings, 'concurrency' | 'backoffBaseMs' | 'backoffMaxMs'>) {
    this.#settings = settings;
  }

  get isDown(): boolean {
    return this.#silentChats.size >= DOWN_AFTER;
  }

  /** Requests at the same time. */
  get places(): number {
    return this.isDown ? 1 : this.#settings.concurrency;
  }

  /** Nothing is sent before. Milliseconds since 1970. */
  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** Nothing is sent for a while, for a cause that is not the receiver's. */
  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  /** @param random from 0 up to, not including, 1 */
  note(chat: string, result: AttemptResult, now: number, random: number): ReceiverNews {
    const outcome = outcomeOf(result);
    const wasDown = this.isDown;
    if (outcome !== 'unavailable' && outcome !== 'target_refused') {
      this.#silentChats.clear();
      this.#unanswered = 0;
      if (wasDown) this.#pausedUntil = 0;
      return wasDown ? 'back' : 'nothing';
    }
    this.#silentChats.add(chat);
    if (this.isDown) {
      this.#unanswered += 1;
      this.pause(now + backoff(this.#unanswered, random, this.#settings));
    }
    if (result.kind === 'answered' && result.retryAfterMs !== undefined) {
      this.pause(now + Math.min(result.retryAfterMs, MAX_RETRY_AFTER_MS));
    }
    return this.isDown && !wasDown ? 'down' : 'nothing';
  }
}
