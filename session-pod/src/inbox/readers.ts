import type { Clock } from '../clock.ts';

/** Readers that wait for the log to grow. */
export class Readers {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves at the next event, when time is over, or when the reader has gone; false once closed. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.#closed || signal.aborted || timeoutMs <= 0) return !this.#closed;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    const cancel = this.#clock.after(timeoutMs, resolve);
    await promise;
    cancel();
    this.#waiting.delete(resolve);
    return !this.#closed;
  }

  notify(): void {
    for (const resolve of this.#waiting) resolve();
  }

  /** Nobody waits any more. */
  close(): void {
    this.#closed = true;
    this.notify();
  }
}
