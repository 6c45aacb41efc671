import type { Transition } from '@whatsapp-operator/api/session';
import { expect, test } from 'vitest';
import { TransitionRecord } from './transition-record.ts';

function record(...steps: readonly Omit<Transition, 'detail'>[]) {
  const written: string[] = [];
  const logged: string[] = [];
  const record = new TransitionRecord(
    {
      recordDisconnect: ({ reason }) => written.push(`disconnect ${reason}`),
      countRestart: (reason) => written.push(`restart ${reason}`),
      observeReconnect: (seconds) => written.push(`reconnect ${seconds}`),
      log: {
        info: (_fields, message) => logged.push(message),
        error: (_fields, message) => logged.push(message),
      },
    },
    0,
  );
  for (const step of steps) record.record({ ...step, detail: '' });
  return { written, logged };
}

test('a first start counts nothing, and every transition is logged once', () => {
  const { written, logged } = record(
    { from: 'Stopped', to: 'Starting', reason: 'started', at: 0 },
    { from: 'Starting', to: 'Pairing', reason: 'progress', at: 1000 },
    { from: 'Pairing', to: 'Syncing', reason: 'progress', at: 2000 },
    { from: 'Syncing', to: 'Connected', reason: 'progress', at: 3000 },
  );
  expect(written).toEqual([]);
  expect(logged).toEqual(['session Starting', 'session Pairing', 'session Syncing', 'session Connected']);
});

test('a crash is a disconnect, a restart by its cause, and a reconnect from the loss to Connected', () => {
  const { written } = record(
    { from: 'Connected', to: 'Disconnected', reason: 'browser_crashed', at: 10_000 },
    { from: 'Disconnected', to: 'Starting', reason: 'progress', at: 10_100 },
    { from: 'Starting', to: 'Syncing', reason: 'progress', at: 11_000 },
    { from: 'Syncing', to: 'Connected', reason: 'progress', at: 12_500 },
  );
  expect(written).toEqual(['disconnect browser_crashed', 'restart browser_crashed', 'reconnect 2.5']);
});

test('a lost socket that comes back restarts nothing', () => {
  const { written } = record(
    { from: 'Connected', to: 'Disconnected', reason: 'socket_lost', at: 0 },
    { from: 'Disconnected', to: 'Connected', reason: 'progress', at: 400 },
  );
  expect(written).toEqual(['disconnect socket_lost', 'reconnect 0.4']);
});

test('the time that a person takes to scan is no reconnect', () => {
  const { written } = record(
    { from: 'Connected', to: 'LoggedOut', reason: 'logged_out', at: 0 },
    { from: 'LoggedOut', to: 'Starting', reason: 'progress', at: 100 },
    { from: 'Starting', to: 'Pairing', reason: 'progress', at: 1000 },
    { from: 'Pairing', to: 'Connected', reason: 'progress', at: 3_600_000 },
  );
  expect(written).toEqual(['disconnect logged_out', 'restart logged_out']);
});

test('a start that fails over and over counts each time', () => {
  const { written } = record(
    { from: 'Starting', to: 'Starting', reason: 'page_unreachable', at: 0 },
    { from: 'Starting', to: 'Starting', reason: 'renderer_crashed', at: 0 },
  );
  expect(written).toEqual(['restart page_unreachable', 'restart renderer_crashed']);
});

test('a volume that cannot be written costs a count, not the session', () => {
  const errors: string[] = [];
  const failing = new TransitionRecord(
    {
      recordDisconnect: () => {
        throw new Error('disk full');
      },
      countRestart: () => {},
      observeReconnect: () => {},
      log: { info: () => {}, error: (_fields, message) => errors.push(message) },
    },
    0,
  );
  failing.record({ from: 'Connected', to: 'Disconnected', reason: 'socket_lost', detail: '', at: 1 });
  expect(errors).toEqual(['a transition could not be counted']);
});
