import type { Program } from './program-set.ts';

/** A program that is finished; `compiled` is how many packages were compiled for it, so 0 means all were cached. */
export interface Finished {
  readonly program: Program;
  readonly seconds: number;
  readonly compiled: number;
}

/**
 * Seconds that a build still needs: what is left by the measured times, scaled by how this machine has done
 * so far. Programs that came from the cache say nothing about its speed and are left out of the scale.
 */
export function remainingSeconds(
  finished: readonly Finished[],
  current: { readonly program: Program; readonly seconds: number },
  waiting: readonly Program[],
): number {
  const real = finished.filter((done) => done.compiled > 0);
  const expected = sum(real.map((done) => done.program.expectedSeconds));
  const actual = sum(real.map((done) => done.seconds));
  // A few seconds of evidence would swing the estimate wildly.
  const scale = expected < 30 ? 1 : actual / expected;
  const inCurrent = Math.max(0, current.program.expectedSeconds * scale - current.seconds);
  return Math.round(inCurrent + scale * sum(waiting.map((program) => program.expectedSeconds)));
}

/** `75` as `1m15s`, `4000` as `1h06m`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(whole / 3600)}h${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
