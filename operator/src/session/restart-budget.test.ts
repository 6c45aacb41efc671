import type { SessionStatus } from '@whatsapp-operator/api/resource';
import { describe, expect, it } from 'vitest';
import type { PodStatus } from '../kube/pod.ts';
import { decide } from './decide.ts';
import { at, NOW, podOf, running, sessionOf, settings, worldOf } from './testing/factories.ts';
import { keyed } from './testing/observations.ts';

describe('the restart budget', () => {
  const crashed = (
    restartCount: number,
    terminated: object = { exitCode: 1, reason: 'Error', finishedAt: at(5) },
  ) => running(false, { restartCount, lastState: { terminated } as never });
  const counted = (count: number, secondsAgo: number): SessionStatus => ({
    ...keyed,
    restarts: { count, windowStart: at(secondsAgo), podUID: 'pod-1', containerRestarts: count },
  });
  const look = (status: SessionStatus, pod: PodStatus, more: Parameters<typeof sessionOf>[1] = {}) => {
    const of = sessionOf({}, { status, ...more });
    const decision = decide(worldOf(of, { pod: podOf(sessionOf(), pod) }), settings, NOW);
    return {
      count: decision.status.restarts?.count,
      phase: decision.status.phase,
      steps: decision.steps.map(({ kind }) => kind),
    };
  };

  it('counts a crash', () => {
    expect(look(counted(1, 60), crashed(2))).toMatchObject({ count: 2, steps: [] });
  });
  it('stops the pod with the one that is too many', () => {
    expect(look(counted(5, 60), crashed(6))).toEqual({ count: 6, phase: 'Failed', steps: ['delete-pod'] });
  });
  it('begins a new window after the old one', () => {
    expect(look(counted(5, 700), crashed(6))).toMatchObject({ count: 1, steps: [] });
  });
  it('does not count what a node lost with itself', () => {
    expect(
      look(counted(5, 60), crashed(6, { exitCode: 137, reason: 'ContainerStatusUnknown' })),
    ).toMatchObject({ count: 5 });
  });
  it('counts nothing twice', () => {
    expect(look(counted(3, 60), crashed(3))).toMatchObject({ count: 3 });
  });
  it('does not hold the past of a pod against a session whose status was lost', () => {
    const of = sessionOf();
    const { status } = decide(worldOf(of, { pod: podOf(of, crashed(40)) }), settings, NOW);
    expect(status.restarts).toMatchObject({ count: 0, containerRestarts: 40 });
  });

  const exceeded: SessionStatus = {
    ...counted(6, 60),
    conditions: [
      {
        type: 'RestartLimitExceeded',
        status: 'True',
        reason: 'TooManyRestarts',
        message: 'm',
        lastTransitionTime: at(30),
        observedGeneration: 1,
      },
    ],
  };
  const stopped = (more: Parameters<typeof sessionOf>[1] = {}) =>
    decide(worldOf(sessionOf({}, { status: exceeded, ...more })), settings, NOW);
  it('stays stopped without being told otherwise', () => {
    expect(stopped().steps).toEqual([]);
    expect(stopped().status.phase).toBe('Failed');
  });
  it.each([
    ['a changed spec', { generation: 2 }],
    ['a restart that is asked for', { annotations: { 'whatsapp-operator.io/restart-at': 'now' } }],
  ])('begins again with %s', (_name, more) => {
    expect(stopped(more).steps.map(({ kind }) => kind)).toEqual(['create']);
    expect(stopped(more).status.restarts?.count).toBe(0);
  });
});
