import type { SessionStatus } from '@whatsapp-operator/api/resource';
import { expect, test } from 'vitest';
import { statusWrite } from './status-write.ts';
import { at, NOW } from './testing/factories.ts';
import { eventsBetween } from './transitions.ts';

const status = (reason: string, more: Partial<SessionStatus> = {}): SessionStatus => ({
  conditions: [
    {
      type: 'Ready',
      status: reason === 'Connected' ? 'True' : 'False',
      reason,
      message: `about ${reason}`,
      lastTransitionTime: at(0),
    },
  ],
  ...more,
});

test('what is equal is not written', () => {
  expect(statusWrite(status('Connected'), status('Connected'), { writtenAt: 0, now: NOW })).toEqual({
    kind: 'unchanged',
  });
});

test('only what changed is written, and what is gone is taken away', () => {
  const before = status('Connected', {
    podName: 'sales',
    restarts: { count: 1 },
    account: { id: 'a', name: 'b' },
  });
  const after = status('Connected', { restarts: { count: 2 }, account: { id: 'a' } });
  expect(statusWrite(before, after, { writtenAt: 0, now: NOW })).toEqual({
    kind: 'now',
    patch: { podName: null, restarts: { count: 2 }, account: { name: null } },
  });
});

test.each([
  ['mere progress', 'BrowserStarting', 15_000],
  ['what is no progress and not urgent', 'ImageUnavailable', 1000],
])('%s waits after the last write', (_name, reason, waitMs) => {
  const [before, after] = [
    status('PodStarting', { phase: 'Pending' }),
    status(reason, { phase: 'Starting' }),
  ];
  expect(statusWrite(before, after, { writtenAt: NOW - 400, now: NOW })).toEqual({
    kind: 'later',
    afterMs: waitMs - 400,
  });
  expect(statusWrite(before, after, { writtenAt: NOW - waitMs, now: NOW })).toMatchObject({ kind: 'now' });
});

test('a change waits for a moment until the pod has said what it is about', () => {
  const [before, after] = [status('BrowserStarting'), status('Connected')];
  const at = (awaitedSince: number) => statusWrite(before, after, { writtenAt: 0, awaitedSince, now: NOW });
  expect(at(NOW - 300)).toEqual({ kind: 'later', afterMs: 700 });
  expect(at(NOW - 1000)).toMatchObject({ kind: 'now' });
});

test.each([
  [
    'readiness',
    status('BrowserStarting', { phase: 'Starting' }),
    status('Connected', { phase: 'Connected' }),
  ],
  [
    'a phase that asks for somebody',
    status('BrowserStarting', { phase: 'Starting' }),
    status('PairingRequired', { phase: 'Pairing' }),
  ],
  ['a new generation', status('Disconnected'), status('Disconnected', { observedGeneration: 2 })],
])('%s is written at once', (_name, before, after) => {
  expect(statusWrite(before, after, { writtenAt: NOW - 1, now: NOW })).toMatchObject({ kind: 'now' });
});

test.each([
  ['connected', 'BrowserStarting', 'Connected', ['Normal Connected']],
  ['a person is needed', 'BrowserStarting', 'PairingRequired', ['Normal PairingRequired']],
  ['something is wrong', 'PodStarting', 'ImageUnavailable', ['Warning ImageUnavailable']],
  ['an ordinary start', 'PodStarting', 'BrowserStarting', []],
  ['nothing new', 'Disconnected', 'Disconnected', []],
])('Events: %s', (_name, from, to, told) => {
  expect(eventsBetween(status(from), status(to)).map(({ type, reason }) => `${type} ${reason}`)).toEqual(
    told,
  );
});
