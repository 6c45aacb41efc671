import type { ReadyReason, SessionStatus } from '@whatsapp-operator/api/resource';
import { canonicalJson } from './canonical.ts';

/** When and how a status is written. */

/** What is not urgent waits until this long after the last write, in milliseconds: news come together. */
const CALM_MS = 1000;

/** News of mere progress wait this long, in milliseconds: an ordinary start is over by then, and told by its end. */
const PROGRESS_MS = 15_000;

const PROGRESS: readonly ReadyReason[] = [
  'PodStarting',
  'StorageNotReady',
  'BrowserStarting',
  'Syncing',
  'NotReady',
];

/** How long the pod's own word is waited for that explains a change, in milliseconds. */
const WORD_MS = 1000;

export type StatusWrite =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'later'; readonly afterMs: number }
  | { readonly kind: 'now'; readonly patch: Readonly<Record<string, unknown>> };

export interface WriteTimes {
  readonly writtenAt: number;
  /** Since when the pod is being asked what it has become. */
  readonly awaitedSince?: number | undefined;
  readonly now: number;
}

/** What people and alerts wait for is written at once, together with what the pod says of it. */
export function statusWrite(
  before: SessionStatus | undefined,
  after: SessionStatus,
  { writtenAt, awaitedSince, now }: WriteTimes,
): StatusWrite {
  const patch = mergePatch(before ?? {}, after);
  if (patch === undefined) return { kind: 'unchanged' };
  const calm = isUrgent(before, after) ? 0 : writtenAt + (isProgress(after) ? PROGRESS_MS : CALM_MS) - now;
  const word = awaitedSince === undefined ? 0 : awaitedSince + WORD_MS - now;
  const wait = Math.max(calm, word);
  return wait <= 0 ? { kind: 'now', patch } : { kind: 'later', afterMs: wait };
}

function isUrgent(before: SessionStatus | undefined, after: SessionStatus): boolean {
  return (
    readyOf(before)?.status !== readyOf(after)?.status ||
    before?.observedGeneration !== after.observedGeneration ||
    (before?.phase !== after.phase && after.phase !== 'Starting' && after.phase !== 'Pending')
  );
}

const isProgress = (status: SessionStatus): boolean =>
  PROGRESS.includes(readyOf(status)?.reason as ReadyReason);

const readyOf = (status: SessionStatus | undefined) =>
  status?.conditions?.find(({ type }) => type === 'Ready');

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
