import type { Lease, LeaseSpec, Live } from './objects.ts';

/**
 * Who may lead, decided from a Lease and one's own clock. Times written into the Lease are for people: no decision
 * reads another machine's clock. What counts is how long ago this process saw the Lease change.
 */

/** The Lease as last read, and the monotonic time at which it was first seen to be like this. */
export interface Observation {
  readonly lease: Live<Lease>;
  readonly unchangedSince: number;
}

/** Takes a reading in. Renewals by the holder are what makes the Lease look different. */
export function observe(previous: Observation | undefined, lease: Live<Lease>, readAt: number): Observation {
  const same =
    previous !== undefined &&
    previous.lease.metadata.uid === lease.metadata.uid &&
    JSON.stringify(previous.lease.spec) === JSON.stringify(lease.spec);
  return { lease, unchangedSince: same ? previous.unchangedSince : readAt };
}

export type LeaseDecision =
  /** No Lease: make it. */
  | { readonly kind: 'create' }
  /** Ours already: renew it. */
  | { readonly kind: 'renew' }
  /** Free: never held, released, or not renewed for as long as its holder asked for. */
  | { readonly kind: 'take' }
  /** Held by somebody else. */
  | { readonly kind: 'wait'; readonly holder: string };

export interface Contestant {
  /** Unlike that of any other process, past ones included. */
  readonly identity: string;
  readonly leaseMs: number;
}

export function decideLease(
  { identity, leaseMs }: Contestant,
  seen: Observation | undefined,
  now: number,
): LeaseDecision {
  if (seen === undefined) return { kind: 'create' };
  const { holderIdentity: holder, leaseDurationSeconds } = seen.lease.spec;
  if (holder === identity) return { kind: 'renew' };
  if (!holder) return { kind: 'take' };
  // Whichever is longer: the holder may be of a version with other settings.
  const expiresAfter = Math.max(leaseMs, (leaseDurationSeconds ?? 0) * 1000);
  return now - seen.unchangedSince > expiresAfter ? { kind: 'take' } : { kind: 'wait', holder };
}

/** The spec with which a decision other than `wait` is carried out. */
export function leaseSpec(
  { identity, leaseMs }: Contestant,
  before: LeaseSpec | undefined,
  wallNow: number,
): LeaseSpec {
  const renewTime = microTime(wallNow);
  const same = before?.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(leaseMs / 1000),
    acquireTime: same ? (before.acquireTime ?? renewTime) : renewTime,
    renewTime,
    leaseTransitions: (before?.leaseTransitions ?? 0) + (same || before === undefined ? 0 : 1),
  };
}

/** The spec of a Lease that its holder gives up: free at once, also for those who only look at the time. */
export function releasedSpec(before: LeaseSpec, wallNow: number): LeaseSpec {
  const now = microTime(wallNow);
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
}

/** metav1.MicroTime. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
