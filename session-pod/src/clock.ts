/** Time as an argument, so that tests decide what it is. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once after `ms`; the answer takes it back. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** The longest that a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The time of day, which never goes back: a clock on the wall that is set back is waited for by nobody, and one that
 * is set forward is followed. What was planned by it therefore comes when it was to come.
 *
 * @param wall milliseconds since 1970
 * @param elapsed milliseconds since some beginning, which nobody can set
 */
export function steadyTime(wall: () => number, elapsed: () => number): () => number {
  let offset = wall() - elapsed();
  return () => {
    const passed = elapsed();
    offset = Math.max(offset, wall() - passed);
    return Math.floor(passed + offset);
  };
}

export const systemClock: Clock = {
  now: steadyTime(
    () => Date.now(),
    () => performance.now(),
  ),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
