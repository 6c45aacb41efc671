import type { SessionStatus } from '@whatsapp-operator/api/resource';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createSessionMetrics, type MeasuredSession } from './metrics.ts';

const time = '2026-01-01T00:00:00Z';
const condition = (type: string, status: 'True' | 'False', reason: string) => ({
  type,
  status,
  reason,
  message: '',
  lastTransitionTime: time,
  observedGeneration: 1,
});
const session = (name: string, status?: object): MeasuredSession => ({
  metadata: { namespace: 'shop', name },
  ...(status === undefined ? {} : { status: status as SessionStatus }),
});

async function scrape(sessions: readonly MeasuredSession[]) {
  const registry = new Registry();
  const metrics = createSessionMetrics(registry, () => sessions, { version: 'v1', maxUpdating: 5 });
  return { metrics, lines: async () => (await registry.metrics()).split('\n') };
}

it('shows each session once, with its phase and what is in its way', async () => {
  const sessions = [
    session('new'),
    session('sales', { phase: 'Connected', conditions: [condition('Ready', 'True', 'Connected')] }),
    session('crm', { phase: 'Failed', conditions: [condition('Ready', 'False', 'RestartLimitExceeded')] }),
  ];
  const { lines } = await scrape(sessions);
  const line = (name: string, phase: string, reason: string) =>
    `whatsapp_operator_session_status{session_namespace="shop",session="${name}",phase="${phase}",reason="${reason}"} 1`;
  expect(await lines()).toEqual(
    expect.arrayContaining([
      line('new', 'Pending', 'NotSeen'),
      line('sales', 'Connected', 'Connected'),
      line('crm', 'Failed', 'RestartLimitExceeded'),
      'whatsapp_operator_sessions{phase="Failed"} 1',
      'whatsapp_operator_sessions{phase="Pairing"} 0',
      'whatsapp_operator_build_info{version="v1"} 1',
    ]),
  );
});

it('forgets a session that is gone, and the phase that one was in', async () => {
  const sessions = [session('sales', { phase: 'Starting' })];
  const { lines } = await scrape(sessions);
  await lines();
  sessions.splice(0, 1, session('sales', { phase: 'Connected' }));
  const shown = async () =>
    (await lines()).filter((line) => line.startsWith('whatsapp_operator_session_status{'));
  expect(await shown()).toHaveLength(1);
  sessions.length = 0;
  expect(await shown()).toEqual([]);
});

it('tells replacements that wait, run and are refused apart', async () => {
  const updating = (status: 'True' | 'False', reason: string) =>
    session(reason, { phase: 'Starting', conditions: [condition('Updating', status, reason)] });
  const { lines } = await scrape([
    updating('False', 'WaitingForTurn'),
    updating('True', 'ReplacingPod'),
    updating('False', 'SuccessorRefused'),
    session('other', { phase: 'Connected' }),
  ]);
  const shown = await lines();
  for (const state of ['waiting', 'replacing', 'refused'])
    expect(shown).toContain(`whatsapp_operator_session_updates{state="${state}"} 1`);
  expect(shown).toContain('whatsapp_operator_session_updates_limit 5');
});

it('has every kind of restart at 0 before the first', async () => {
  const { metrics, lines } = await scrape([]);
  expect(await lines()).toContain('whatsapp_operator_session_restarts_total{reason="OOMKilled"} 0');
  metrics.restarted({ count: 2, reason: 'OOMKilled' });
  expect(await lines()).toContain('whatsapp_operator_session_restarts_total{reason="OOMKilled"} 2');
});
