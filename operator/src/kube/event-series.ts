import type { ObjectReference } from './objects.ts';

/** Something worth telling about an object. */
export interface Occurrence {
  readonly regarding: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase and constant: what alerts and people filter by. */
  readonly reason: string;
  /** What the controller did or tried, CamelCase. */
  readonly action: string;
  /** For people; 1 KiB at most, what is longer is cut. */
  readonly note: string;
}

/** Occurrences with the same identity are one Event with a count. */
export const seriesKey = ({ regarding, type, reason, action, note }: Occurrence): string =>
  JSON.stringify([
    regarding.kind,
    regarding.namespace,
    regarding.name,
    regarding.uid,
    type,
    reason,
    action,
    note,
  ]);

/** What is remembered of an Event, to make the next occurrence part of it. Times are monotonic milliseconds. */
export interface Series {
  readonly occurrence: Occurrence;
  /** Name of the Event, once it is known to exist. */
  readonly eventName: string | undefined;
  readonly count: number;
  readonly lastAt: number;
  readonly lastWall: number;
}

/** The series with one more occurrence; a new one if the last was more than `ttlMs` ago. */
export function continueSeries(
  before: Series | undefined,
  occurrence: Occurrence,
  at: number,
  wall: number,
  ttlMs: number,
): Series {
  const goesOn = before !== undefined && at - before.lastAt <= ttlMs;
  return goesOn
    ? { ...before, count: before.count + 1, lastAt: at, lastWall: wall }
    : { occurrence, eventName: undefined, count: 1, lastAt: at, lastWall: wall };
}

/** A bucket of allowed writes that fills up with time. */
export interface Allowance {
  readonly tokens: number;
  readonly at: number;
}

export interface AllowanceLimits {
  readonly burst: number;
  /** Milliseconds until one more is allowed. */
  readonly refillMs: number;
}

/** Takes one write from the bucket; undefined when it is empty. */
export function takeAllowance(
  before: Allowance | undefined,
  at: number,
  { burst, refillMs }: AllowanceLimits,
): Allowance | undefined {
  const tokens = before === undefined ? burst : Math.min(burst, before.tokens + (at - before.at) / refillMs);
  return tokens >= 1 ? { tokens: tokens - 1, at } : undefined;
}
