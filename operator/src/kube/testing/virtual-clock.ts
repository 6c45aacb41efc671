import type { CancelTimer, Clock } from '../clock.ts';

/**
 * A clock for tests, which stands still until it is told to go on. Timers fire in the order of their times; between
 * two of them everything that was waiting for the first gets to run.
 */
export class VirtualClock implements Clock {
  #time: number;
  #nextId = 0;
  readonly #wallOffset: number;
  readonly #timers = new Map<number, { readonly at: number; readonly fire: () => void }>();

  /** `wallOffset` is how far the wall time is from the monotonic one: a clock that is set wrong. */
  constructor(wallOffset = Date.UTC(2026, 0, 1), start = 0) {
    this.#wallOffset = wallOffset;
    this.#time = start;
  }

  now(): number {
    return this.#time + this.#wallOffset;
  }

  monotonic(): number {
    return this.#time;
  }

  startTimer(ms: number, fire: () => void): CancelTimer {
    const id = this.#nextId++;
    this.#timers.set(id, { at: this.#time + Math.max(0, ms), fire });
    return () => this.#timers.delete(id);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Lets `ms` pass. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    await settle();
    for (let due = this.#nextDue(end); due !== undefined; due = this.#nextDue(end)) {
      const [id, { at, fire }] = due;
      this.#timers.delete(id);
      this.#time = Math.max(this.#time, at);
      fire();
      await settle();
    }
    this.#time = end;
  }

  /** Lets `ms` pass without any timer firing: what a process sees that was stopped. They are due afterwards. */
  jump(ms: number): void {
    this.#time += ms;
  }

  #nextDue(end: number) {
    let first: [number, { readonly at: number; readonly fire: () => void }] | undefined;
    for (const entry of this.#timers) {
      if (entry[1].at <= end && (first === undefined || entry[1].at < first[1].at)) first = entry;
    }
    return first;
  }
}

/** Runs what waits for promises that are fulfilled already. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
