/** What a rule is, and how time is written in one. */

/** A series that is computed ahead, because alerts and panels ask for it often. */
export interface RecordingRule {
  /** `level:metric:operation`, as Prometheus' own convention has it. */
  readonly record: string;
  readonly expr: string;
  /** For the reference. */
  readonly help: string;
}

/** `critical`: messages do not leave, or are about to be given up; wake somebody. `warning`: look within the day. */
export type Severity = 'critical' | 'warning';

export interface Alert {
  readonly alert: string;
  readonly severity: Severity;
  /** How long it has to hold. Seconds. */
  readonly forSeconds: number;
  readonly expr: string;
  readonly summary: string;
  /** For the one who is called: with the numbers. */
  readonly description: string;
}

export interface RuleGroup<R> {
  readonly name: string;
  readonly rules: readonly R[];
}

/**
 * How fast time passes in rules. Every window, wait and limit in seconds goes through it, so that a rehearsal can have
 * the same rules at sixty times the pace.
 */
export interface Pace {
  /** A duration as PromQL writes it. */
  readonly span: (seconds: number) => string;
  /** A limit in seconds, as a number in an expression. */
  readonly limit: (seconds: number) => number;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** 90 is `90s`, 3600 is `1h`. At least a second. */
export function formatSpan(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const [unit, size] = UNITS.find(([, each]) => whole % each === 0) ?? ['s', 1];
  return `${whole / size}${unit}`;
}

/** @param times how many times faster than the clock */
export const pace = (times: number): Pace => ({
  span: (seconds) => formatSpan(seconds / times),
  limit: (seconds) => seconds / times,
});

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;
