import { describe, expect, it } from 'vitest';
import { formatStatus, type PartStatus, phaseOf } from './status.ts';

const part = (name: PartStatus['name'], changes: Partial<PartStatus> = {}): PartStatus => ({
  name,
  state: 'running',
  health: 'healthy',
  pid: 7,
  startedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
});

const notStarted = { state: 'not started', health: undefined, pid: undefined, startedAt: undefined } as const;

describe('the phase of a cluster', () => {
  it.each([
    { case: 'all parts are healthy', parts: [part('etcd'), part('kubelet')], expected: 'Running' },
    {
      case: 'kwok was never asked for',
      parts: [part('etcd'), part('kwok', notStarted)],
      expected: 'Running',
    },
    {
      case: 'kwok has died',
      parts: [part('etcd'), part('kwok', { state: 'gone', health: 'unhealthy' })],
      expected: 'Degraded',
    },
    {
      case: 'a part is paused',
      parts: [part('etcd', { state: 'stopped', health: 'unhealthy' })],
      expected: 'Degraded',
    },
    {
      case: 'a part was stopped',
      parts: [part('etcd'), part('scheduler', notStarted)],
      expected: 'Degraded',
    },
  ])('is $expected when $case', ({ parts, expected }) => {
    expect(phaseOf(parts)).toBe(expected);
  });
});

describe('the status table', () => {
  it('shows a line for each part that is wanted, in words', () => {
    const parts = [
      part('etcd'),
      part('kubelet', { state: 'stopped', health: 'unhealthy' }),
      part('kwok', notStarted),
    ];
    const status = {
      name: 'default',
      phase: 'Degraded',
      apiServer: 'https://a',
      kubeconfig: '/k',
      range: 'r',
      parts,
    } as const;
    expect(formatStatus(status, new Date('2026-01-01T00:03:00Z')).split('\n')).toEqual([
      'default: Degraded   API server https://a   range r',
      '',
      'PART      STATE     HEALTH      PID   AGE',
      'etcd      running   healthy     7     3m',
      'kubelet   paused    unhealthy   7     3m',
    ]);
  });
});
