import type { WaitTarget } from '@whatsapp-operator/api/session';
import type { Clock } from '../clock.ts';
import type { Message } from './message.ts';
import { isGivenUp, rank } from './proof.ts';

/** True when there is nothing more to wait for: it has got that far, or it was given up. */
export const hasReached = (message: Message, target: WaitTarget): boolean =>
  isGivenUp(message) || rank(message.status) >= (target === 'sent' ? 1 : 2);

interface Waiter {
  readonly target: WaitTarget;
  readonly resolve: () => void;
}

/** Those who wait for messages to get somewhere. */
export class Waiters {
  readonly #waiting = new Map<string, Set<Waiter>>();
  readonly #clock: Clock;
  #released = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the message has got there, at the timeout, when the signal is aborted, or when all are released. */
  wait(id: string, target: WaitTarget, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#released || signal?.aborted) return Promise.resolve();
    const { promise, resolve: settle } = Promise.withResolvers<void>();
    const resolve = () => settle();
    const waiter: Waiter = { target, resolve };
    const waiters = this.#waiting.get(id) ?? new Set();
    waiters.add(waiter);
    this.#waiting.set(id, waiters);
    const cancelTimer = this.#clock.after(timeoutMs, resolve);
    signal?.addEventListener('abort', resolve, { once: true });
    return promise.finally(() => {
      cancelTimer();
      signal?.removeEventListener('abort', resolve);
      waiters.delete(waiter);
      if (waiters.size === 0 && this.#waiting.get(id) === waiters) this.#waiting.delete(id);
    });
  }

  notify(message: Message): void {
    for (const { target, resolve } of this.#waiting.get(message.id) ?? []) {
      if (hasReached(message, target)) resolve();
    }
  }

  /** Answers everybody, and everybody who comes later at once. */
  releaseAll(): void {
    this.#released = true;
    for (const waiters of this.#waiting.values()) for (const { resolve } of waiters) resolve();
  }
}
