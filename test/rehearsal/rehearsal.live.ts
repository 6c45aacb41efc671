import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { panelExpressions } from '../../observability/expressions.ts';
import { RUNBOOK_URL } from '../../observability/rules/rule-file.ts';
import { startTestSandbox, type TestSandbox } from '../../sandbox/src/testing.ts';
import { ensureChromium } from '../machine/chromium.ts';
import { ensurePrometheus } from '../machine/prometheus.ts';
import { Actor, PATIENCE } from './cast.ts';
import { type FiringAlert, PrometheusProcess } from './prometheus-process.ts';

/**
 * Real sessions in real Chromium on the sandbox, scraped by a real Prometheus with the project's rules, in which an
 * hour takes a minute. Real faults; each alert fires for the right session, for no other, and ends.
 */

const TIMES = 60;

let sandbox: TestSandbox;
let prometheus: PrometheusProcess;
let receiver: Server;
let receiverStatus = 200;
let sales: Actor;
let crm: Actor;
let waits: Actor;

const fault = (actor: Actor, kind: object) =>
  sandbox.client.call('addFault', { body: { account: actor.number, fault: kind as never } });

beforeAll(async () => {
  await ensureChromium(console.error);
  const { server } = await ensurePrometheus(console.error);
  receiver = createServer((request, response) => {
    request.resume();
    response.writeHead(receiverStatus).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  sandbox = await startTestSandbox({ SANDBOX_TIMING_SYNC_MS: '100', SANDBOX_ACCOUNTS: '3' });
  sales = await Actor.cast('sales', '491510000001', sandbox);
  crm = await Actor.cast('crm', '491510000002', sandbox, {
    WEBHOOKS: JSON.stringify([{ id: 'app', url: `http://127.0.0.1:${port}/`, events: ['message'] }]),
    WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'true',
    WEBHOOK_MAX_ATTEMPTS: '2',
  });
  // Nobody links it, and its volume has less than its reserve.
  waits = await Actor.cast('waits', '491510000003', sandbox, { STORAGE_RESERVE: '1024Gi' });
  const actors = [sales, crm, waits];
  prometheus = await PrometheusProcess.start(
    server,
    TIMES,
    actors.map(({ name, healthPort }) => ({ port: healthPort, labels: { namespace: 'shop', pod: name } })),
  );
}, 300_000);

afterAll(async () => {
  await prometheus?.stop();
  for (const actor of [sales, crm, waits]) await actor?.remove();
  await sandbox?.stop();
  receiver?.close();
}, 60_000);

/** What fires, as `alert pod`. There is no operator in this rehearsal, which is an alert of its own. */
async function firing(): Promise<readonly string[]> {
  return (await prometheus.firing())
    .filter(({ alert }) => alert !== 'WhatsAppOperatorDown')
    .map(({ alert, labels }) => [alert, labels['pod']].filter(Boolean).join(' '))
    .sort();
}

async function fires(alert: string, pod?: string): Promise<FiringAlert> {
  const found = async () =>
    (await prometheus.firing()).find(
      (each) => each.alert === alert && (pod === undefined || each.labels['pod'] === pod),
    );
  await expect
    .poll(async () => (await found()) !== undefined, { ...PATIENCE, message: `${alert} fires` })
    .toBe(true);
  const fired = await found();
  if (fired === undefined) throw new Error(`${alert} fired and is over before it was looked at`);
  expect(fired.annotations['runbook_url']).toBe(`${RUNBOOK_URL}${alert}`);
  expect(fired.annotations['summary']).not.toContain('no value');
  if (pod !== undefined) expect(fired.annotations['summary']).toContain(`shop/${pod}`);
  return fired;
}

const ends = (alert: string) =>
  expect
    .poll(async () => (await firing()).filter((each) => each.startsWith(`${alert} `) || each === alert), {
      ...PATIENCE,
      timeout: 240_000,
      message: `${alert} ends`,
    })
    .toEqual([]);

const one = async (expr: string): Promise<number> => (await prometheus.query(expr))[0]?.value ?? Number.NaN;

it('two sessions are linked and scraped', async () => {
  await expect.poll(() => prometheus.ready(), PATIENCE).toBe(true);
  sales.start();
  await sales.link(sandbox);
  crm.start();
  await crm.link(sandbox);
  await expect.poll(() => one('sum(namespace_pod:whatsapp_session_connected:max)'), PATIENCE).toBe(2);
  await ends('WhatsAppSessionPairingWaits');
});

it('nothing fires while all is well', async () => {
  for (let n = 0; n < 20; n += 1) {
    await sales.send(`hello ${n}`);
    await crm.send(`hello ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // Half a second is late at this pace, and a busy machine needs as much.
    expect((await firing()).filter((each) => !each.startsWith('WhatsAppAcksLate'))).toEqual([]);
  }
});

it('five faults are an increase of exactly five, across the end of the process, and flapping', async () => {
  const disconnects = 'whatsapp_session_disconnects_total{pod="sales",reason="socket_lost"}';
  const counted = async () => {
    const text = await (await sales.pod.get('health', '/metrics')).text();
    return Number(/whatsapp_session_disconnects_total\{reason="socket_lost"\} (\d+)/.exec(text)?.[1]);
  };
  const before = await counted();
  for (let n = 1; n <= 5; n += 1) {
    await fault(sales, { kind: 'drop-socket' });
    await expect.poll(counted, PATIENCE).toBe(before + n);
    await sales.reaches('Connected');
  }
  await fires('WhatsAppSessionFlapping', 'sales');
  expect((await firing()).filter((each) => each.includes('crm'))).toEqual([]);
  await sales.kill();
  sales.start();
  await sales.reaches('Connected');
  await expect.poll(() => one(disconnects), PATIENCE).toBe(before + 5);
  expect(Math.round(await one(`increase(${disconnects}[10m])`))).toBe(5);
  expect(await one('whatsapp_session_unclean_stops_total{pod="sales"}')).toBe(1);
  await ends('WhatsAppSessionFlapping');
});

it('a line that stays away is a session that is down, and what waited is late', async () => {
  await fault(sales, { kind: 'refuse-socket' });
  await fault(sales, { kind: 'drop-socket' });
  await fires('WhatsAppSessionDown', 'sales');
  expect((await firing()).filter((each) => each.includes('crm'))).toEqual([]);
  for (let n = 0; n < 30; n += 1) await sales.send(`waits ${n}`);
  await expect.poll(() => one('whatsapp_outbox_oldest_seconds{pod="sales"}'), PATIENCE).toBeGreaterThan(3);
  await sandbox.client.call('clearFaults', { query: {} });
  await fires('WhatsAppAcksLateFast');
  await ends('WhatsAppSessionDown');
  await ends('WhatsAppAcksLateFast');
});

it('messages that WhatsApp refuses are retried, given up, and told', async () => {
  await fault(sales, { kind: 'refuse-sends' });
  for (let n = 0; n < 30; n += 1) await sales.send(`refused ${n}`);
  await fires('WhatsAppRetriesUp', 'sales');
  const { annotations } = await fires('WhatsAppDeliveryErrorsFast');
  expect(annotations['description']).toMatch(/\d+(\.\d+)?% of the messages of namespace shop/);
  await sandbox.client.call('clearFaults', { query: {} });
  await ends('WhatsAppRetriesUp');
  await ends('WhatsAppDeliveryErrorsFast');
});

it('a webhook that refuses makes dead letters, and takes them once it is mended', async () => {
  receiverStatus = 500;
  for (let n = 0; n < 5; n += 1)
    await sandbox.client.call('inject', {
      params: { number: crm.number },
      body: { chat: '4915700000000@c.us', content: { kind: 'text', body: `in ${n}` } },
    });
  await fires('WhatsAppWebhookDeadLetters', 'crm');
  receiverStatus = 200;
  const redriven = await crm.pod.post('/api/v1/webhooks/app/redrive', {});
  expect(redriven.status).toBe(202);
  await expect.poll(() => one('whatsapp_webhook_dead_letters{pod="crm"}'), PATIENCE).toBe(0);
  await ends('WhatsAppWebhookDeadLetters');
});

it('an account that is used elsewhere stops the session until somebody restarts it', async () => {
  await fault(crm, { kind: 'block', state: 'CONFLICT' });
  const { labels } = await fires('WhatsAppSessionFailed', 'crm');
  expect(labels['reason']).toBe('conflict');
  await crm.pod.post('/api/v1/session/restart', {});
  await crm.reaches('Connected');
  await ends('WhatsAppSessionFailed');
});

it('a session that was unlinked calls a person, and one that was never linked waits for one', async () => {
  await sandbox.client.call('unlink', { params: { number: crm.number }, body: {} });
  await fires('WhatsAppSessionLoggedOut', 'crm');
  waits.start();
  await fires('WhatsAppSessionPairingWaits', 'waits');
  await fires('WhatsAppOutboxRefusing', 'waits');
  expect(await firing()).not.toContain('WhatsAppSessionPairingWaits crm');
  await waits.kill();
  await crm.link(sandbox);
  await ends('WhatsAppSessionLoggedOut');
  await ends('WhatsAppOutboxRefusing');
});

it('every rule and every panel can be evaluated, and those about sessions have something to show', async () => {
  for (let n = 0; n < 3; n += 1) await sales.send(`goodbye ${n}`);
  await expect
    .poll(() => one('namespace:whatsapp_delivery_errors:ratio_rate1h{namespace="shop"} >= bool 0'), PATIENCE)
    .toBe(1);
  expect(await prometheus.failedRules()).toEqual([]);
  const choice = { namespace: 'shop', session: 'sales', operator: '.*', rateInterval: '20m' };
  const filled = new Map<string, boolean>();
  for (const { dashboard, panel, expr } of panelExpressions(choice)) {
    const result = await prometheus.query(expr);
    const name = `${dashboard}: ${panel}`;
    filled.set(name, result.length > 0 || filled.get(name) === true);
  }
  const empty = [...filled].filter(([, full]) => !full).map(([name]) => name);
  // There is no operator here, and in the end nothing waits.
  const expected = (name: string) =>
    name.startsWith('WhatsApp / Operator') || name.endsWith(': Oldest messages');
  expect(empty.filter((name) => !expected(name))).toEqual([]);
});
