import { describe, expect, it } from 'vitest';
import {
  decideLease,
  leaseSpec,
  microTime,
  type Observation,
  observe,
  releasedSpec,
} from './lease-decision.ts';
import type { Lease, LeaseSpec, Live } from './objects.ts';

const self = { identity: 'me', leaseMs: 15_000 };
const lease = (spec: LeaseSpec, uid = 'u'): Live<Lease> => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'l', namespace: 'n', uid, resourceVersion: '1', creationTimestamp: '' },
  spec,
});
const seen = (spec: LeaseSpec, unchangedSince = 0): Observation => ({ lease: lease(spec), unchangedSince });

describe('what to do about the lease', () => {
  it.each([
    { when: 'there is none', seen: undefined, now: 0, decision: { kind: 'create' } },
    { when: 'nobody holds it', seen: seen({}), now: 0, decision: { kind: 'take' } },
    { when: 'it was released', seen: seen({ holderIdentity: '' }), now: 0, decision: { kind: 'take' } },
    { when: 'I hold it', seen: seen({ holderIdentity: 'me' }), now: 99_999, decision: { kind: 'renew' } },
    {
      when: 'another holds it and it changed 15 s ago',
      seen: seen({ holderIdentity: 'other' }),
      now: 15_000,
      decision: { kind: 'wait', holder: 'other' },
    },
    {
      when: 'another holds it and it did not change for longer',
      seen: seen({ holderIdentity: 'other' }),
      now: 15_001,
      decision: { kind: 'take' },
    },
    {
      when: 'the holder asked for more time than I would',
      seen: seen({ holderIdentity: 'other', leaseDurationSeconds: 60 }),
      now: 59_000,
      decision: { kind: 'wait', holder: 'other' },
    },
    {
      when: "the holder's clock shows a time long past",
      seen: seen({ holderIdentity: 'other', renewTime: '1999-01-01T00:00:00.000000Z' }),
      now: 1000,
      decision: { kind: 'wait', holder: 'other' },
    },
  ])('when $when: $decision.kind', ({ seen: observation, now, decision }) => {
    expect(decideLease(self, observation, now)).toEqual(decision);
  });

  it('counts from the last time that the lease was seen to change', () => {
    const first = observe(undefined, lease({ holderIdentity: 'other', renewTime: '1' }), 100);
    const same = observe(first, lease({ holderIdentity: 'other', renewTime: '1' }), 5000);
    const renewed = observe(same, lease({ holderIdentity: 'other', renewTime: '2' }), 9000);
    const remade = observe(renewed, lease({ holderIdentity: 'other', renewTime: '2' }, 'another'), 9500);
    expect([first, same, renewed, remade].map(({ unchangedSince }) => unchangedSince)).toEqual([
      100, 100, 9000, 9500,
    ]);
  });
});

describe('what is written into the lease', () => {
  const at = Date.UTC(2026, 0, 1);

  it('counts transitions, and keeps the time of acquiring while it is renewed', () => {
    const first = leaseSpec(self, undefined, at);
    expect(first).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    const renewed = leaseSpec(self, first, at + 2000);
    expect(renewed).toEqual({ ...first, renewTime: '2026-01-01T00:00:02.000000Z' });
    expect(leaseSpec({ ...self, identity: 'you' }, renewed, at + 9000)).toMatchObject({
      holderIdentity: 'you',
      acquireTime: '2026-01-01T00:00:09.000000Z',
      leaseTransitions: 1,
    });
  });

  it('is free for everybody once it is released', () => {
    const released = releasedSpec(leaseSpec(self, undefined, at), at);
    expect(decideLease({ ...self, identity: 'you' }, seen(released), 0)).toEqual({ kind: 'take' });
    expect(released.leaseDurationSeconds).toBe(1);
  });
});

it('writes times with microseconds, as the API server wants them', () => {
  expect(microTime(1)).toBe('1970-01-01T00:00:00.001000Z');
});
