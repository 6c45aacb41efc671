/** How a line between page and server behaves now. */
export type LineState =
  | { readonly kind: 'open' }
  /** Every frame is late by `ms`, in order. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Frames vanish. */
  | { readonly kind: 'blackhole' };

/**
 * One direction of a connection. The state is asked when a frame enters; frames never overtake each other, so
 * a line that turns quick lets the late ones through first.
 */
export class LagLine<T> {
  readonly #state: () => LineState;
  readonly #deliver: (frame: T) => void;
  readonly #waiting: T[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(state: () => LineState, deliver: (frame: T) => void) {
    this.#state = state;
    this.#deliver = deliver;
  }

  push(frame: T): void {
    const state = this.#state();
    switch (state.kind) {
      case 'blackhole':
        return;
      case 'open':
        if (this.#waiting.length === 0) this.#deliver(frame);
        else this.#waiting.push(frame);
        return;
      case 'slow': {
        this.#waiting.push(frame);
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          this.#drain(frame);
        }, state.ms);
        this.#timers.add(timer);
      }
    }
  }

  /** Forgets whatever has not arrived yet. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.length = 0;
  }

  /** Delivers everything up to this frame, and what came behind it without a delay of its own. */
  #drain(frame: T): void {
    const index = this.#waiting.indexOf(frame);
    for (const due of this.#waiting.splice(0, index + 1)) this.#deliver(due);
    if (this.#timers.size === 0) for (const due of this.#waiting.splice(0)) this.#deliver(due);
  }
}
