/** Time as an argument: the real one here, a virtual one in tests. */
export interface Clock {
  /** Wall time, in milliseconds since 1970: for what people and other processes read. It may jump. */
  now(): number;
  /** Milliseconds since some start, never backwards: for every duration. */
  monotonic(): number;
  /** Calls `fire` once, after `ms` milliseconds; returns what cancels it. */
  startTimer(ms: number, fire: () => void): CancelTimer;
}

export type CancelTimer = () => void;

/** setTimeout takes what does not fit 31 bits for 1 ms. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  startTimer: (ms, fire) => {
    const timer = setTimeout(fire, Math.min(ms, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

/** Waits `ms`, or until the signal is aborted: the caller looks at the signal, nothing is thrown. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.startTimer(ms, wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
}
