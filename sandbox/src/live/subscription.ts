/** How many values wait for a slow reader before it is given up. */
const MOST_WAITING = 10_000;

/**
 * Values on their way to one reader, in order. A reader that falls too far behind is ended: it has to begin
 * again with a full reading, which costs less than what waits for it.
 */
export class Subscription<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  readonly #onClose: (subscription: Subscription<T>) => void;
  #wake: () => void = () => {};
  #closed = false;

  constructor(onClose: (subscription: Subscription<T>) => void) {
    this.#onClose = onClose;
  }

  push(value: T): void {
    if (this.#closed) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.close();
      return;
    }
    this.#waiting.push(value);
    this.#wake();
  }

  /** Ends the reading; doing it twice changes nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting.length = 0;
    this.#onClose(this);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (!this.#closed) {
      const value = this.#waiting.shift();
      if (value !== undefined) {
        yield value;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
