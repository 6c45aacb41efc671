import type { SessionStatus } from '@whatsapp-operator/api/resource';
import { canonicalJson } from './canonical.ts';

/** When and how a status is written. */

/** News of mere progress waits until this long after the last write, in milliseconds: a start is several of them. */
const CALM_MS = 1000;

export type StatusWrite =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'later'; readonly afterMs: number }
  | { readonly kind: 'now'; readonly patch: Readonly<Record<string, unknown>> };

/** What people and alerts wait for is written at once. */
export function statusWrite(
  before: SessionStatus | undefined,
  after: SessionStatus,
  writtenAt: number,
  now: number,
): StatusWrite {
  const patch = mergePatch(before ?? {}, after);
  if (patch === undefined) return { kind: 'unchanged' };
  const wait = writtenAt + CALM_MS - now;
  return wait <= 0 || isUrgent(before, after) ? { kind: 'now', patch } : { kind: 'later', afterMs: wait };
}

function isUrgent(before: SessionStatus | undefined, after: SessionStatus): boolean {
  const readyOf = (status: SessionStatus | undefined) =>
    status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  return (
    readyOf(before) !== readyOf(after) ||
    before?.observedGeneration !== after.observedGeneration ||
    (before?.phase !== after.phase && after.phase !== 'Starting' && after.phase !== 'Pending')
  );
}

/** The merge patch from one value to another: null for what is gone, arrays whole. Undefined when they are equal. */
function mergePatch(before: object, after: object): Readonly<Record<string, unknown>> | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = (before as Record<string, unknown>)[key];
    const value = (after as Record<string, unknown>)[key];
    if (canonicalJson(old) === canonicalJson(value)) continue;
    patch[key] = isRecord(old) && isRecord(value) ? mergePatch(old, value) : (value ?? null);
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
