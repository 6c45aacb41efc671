import { afterEach, expect, test, vi } from 'vitest';
import { liveVerdict, readyVerdict } from './health-server.ts';
import { ScriptedEngine } from './testing/scripted-engine.ts';
import { startTestPod, type TestPod } from './testing/test-pod.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const pods: TestPod[] = [];
afterEach(async () => {
  for (const pod of pods.splice(0)) await pod.remove();
});

async function start(environment: Record<string, string> = {}): Promise<TestPod> {
  const pod = await startTestPod(environment);
  pods.push(pod);
  return pod;
}

const get = async (pod: TestPod, path: string) => {
  const response = await fetch(`${pod.healthUrl}${path}`);
  return { status: response.status, text: await response.text() };
};

/** The value of one sample; undefined when it is not there. */
function sample(metrics: string, name: string): number | undefined {
  const line = metrics.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

test.each([
  ['Starting', false],
  ['Pairing', false],
  ['Syncing', false],
  ['Connected', true],
  ['Disconnected', false],
  ['LoggedOut', false],
  ['Failed', false],
] as const)('%s: live, and ready is %s', (state, ready) => {
  const engine = new ScriptedEngine();
  engine.become(state, 'socket_lost');
  expect(readyVerdict(engine.snapshot, false).ok).toBe(ready);
  expect(liveVerdict(engine.snapshot).ok).toBe(true);
  expect(readyVerdict(engine.snapshot, true).ok).toBe(false);
});

test('recovery that has given up ends liveness, and says why', async () => {
  const pod = await start();
  pod.engine.become('Starting', 'recovery_exhausted', { live: false });
  const { status, text } = await get(pod, '/livez');
  expect([status, text]).toEqual([503, 'recovery has given up: recovery_exhausted\n']);
  expect((await get(pod, '/startupz')).status).toBe(200);
});

test('status tells the operator what it needs, and holds no code and no key', async () => {
  const pod = await start({ SESSION_NAME: 'sales' });
  pod.engine.connect();
  pod.engine.become('Disconnected', 'browser_crashed');
  pod.engine.pair({ method: 'PairingCode', code: 'SECR-ET12', phoneNumber: '491510000001', since: 0 });
  const { status, text } = await get(pod, '/status');
  expect(status).toBe(200);
  expect(text).not.toContain('SECR-ET12');
  expect(JSON.parse(text)).toMatchObject({
    session: 'sales',
    state: 'Pairing',
    live: true,
    account: { id: '491510000001@c.us' },
    lastDisconnect: { reason: 'browser_crashed' },
    outbox: { queued: 0, accepting: true },
  });
});

test('counters go on after a restart where they were, and an unclean stop is not invented', async () => {
  const first = await startTestPod();
  first.engine.connect();
  first.engine.become('Disconnected', 'socket_lost');
  first.engine.connect();
  await first.call('POST', '/api/v1/messages?wait=sent&timeout=30', {
    to: '491510000002',
    content: { type: 'text', text: 'x' },
  });
  await first.stop();
  const second = await start({ DATA_DIR: first.folder });
  const { text } = await get(second, '/metrics');
  expect(sample(text, 'whatsapp_session_disconnects_total{reason="socket_lost"}')).toBe(1);
  expect(sample(text, 'whatsapp_session_reconnect_seconds_count')).toBe(1);
  expect(sample(text, 'whatsapp_outbox_accepted_total')).toBe(1);
  expect(sample(text, 'whatsapp_send_attempts_total{outcome="inserted"}')).toBe(1);
  expect(sample(text, 'whatsapp_send_ack_seconds_count{ack="server"}')).toBe(1);
  expect(sample(text, 'whatsapp_send_ack_seconds_bucket{ack="server",le="+Inf"}')).toBe(1);
  expect(sample(text, 'whatsapp_outbox_messages{status="sent"}')).toBe(1);
  expect(sample(text, 'whatsapp_session_unclean_stops_total')).toBe(0);
  expect(sample(text, 'whatsapp_session_state{state="Starting"}')).toBe(1);
  expect(sample(text, 'whatsapp_session_state_info{state="Starting",reason="started"}')).toBe(1);
  expect(sample(text, 'whatsapp_data_free_bytes')).toBeGreaterThan(0);
  expect(sample(text, 'whatsapp_data_size_bytes')).toBeGreaterThan(0);
  expect(text).not.toMatch(/49151\d+/);
});

test('requests are measured by their route, not by the people in their path', async () => {
  const pod = await start();
  pod.engine.connect();
  await pod.call('GET', '/api/v1/numbers/491510000007');
  await pod.call('GET', '/api/v1/nothing/491510000007');
  const { text } = await get(pod, '/metrics');
  expect(
    sample(
      text,
      'whatsapp_http_request_seconds_count{route="/api/v1/numbers/:number",method="GET",status="200"}',
    ),
  ).toBe(1);
  expect(text).not.toContain('491510000007');
});

test.each([
  ['GET', '/nothing', 404],
  ['POST', '/livez', 405],
  ['GET', '/', 200],
])('%s %s is %i', async (method, path, status) => {
  const pod = await start();
  expect((await fetch(`${pod.healthUrl}${path}`, { method })).status).toBe(status);
});
