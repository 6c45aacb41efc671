/** How a line between page and server behaves now. */
export type LineState =
  | { readonly kind: 'open' }
  /** Every frame is late by `ms`. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Nothing passes. What was sent meanwhile passes when this ends, as TCP sends it again. */
  | { readonly kind: 'blackhole' };

/** How often a blackholed line looks whether it may carry again, in milliseconds. */
const RETRY_MS = 50;

interface Waiting<T> {
  readonly frame: T;
  /** Milliseconds since the epoch. */
  readonly due: number;
}

/**
 * One direction of a connection. Frames never overtake each other and none is lost while the connection lives:
 * a frame that vanished from within a living stream is something that TCP does not do.
 */
export class LagLine<T> {
  readonly #state: () => LineState;
  readonly #deliver: (frame: T) => void;
  #waiting: Waiting<T>[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(state: () => LineState, deliver: (frame: T) => void) {
    this.#state = state;
    this.#deliver = deliver;
  }

  push(frame: T): void {
    const state = this.#state();
    if (state.kind === 'open' && this.#waiting.length === 0) {
      this.#deliver(frame);
      return;
    }
    this.#waiting.push({ frame, due: Date.now() + (state.kind === 'slow' ? state.ms : 0) });
    if (this.#timer === undefined) this.#pump();
  }

  /** Forgets whatever has not arrived yet: it dies with the connection. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }

  #pump(): void {
    this.#timer = undefined;
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const wait = this.#state().kind === 'blackhole' ? RETRY_MS : next.due - Date.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#pump(), wait);
        return;
      }
      this.#waiting.shift();
      this.#deliver(next.frame);
    }
  }
}
