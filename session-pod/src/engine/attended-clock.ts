/**
 * A clock of the time during which this process really ran. When the machine sleeps, the process is stopped or its
 * loop is blocked, the time between two looks counts as no more than a little: whatever was late meanwhile was late
 * for want of us, not of itself, and gets its chance to arrive.
 */
export class AttendedClock {
  readonly #most: number;
  #time = 0;
  #last: number | undefined;

  /** @param most what the time between two looks counts at most, in milliseconds */
  constructor(most: number) {
    this.#most = most;
  }

  /** Looks at the clock on the wall; to be called often. */
  tick(now: number): void {
    if (this.#last !== undefined) this.#time += Math.min(Math.max(0, now - this.#last), this.#most);
    this.#last = now;
  }

  /** Milliseconds attended so far. */
  get time(): number {
    return this.#time;
  }
}
