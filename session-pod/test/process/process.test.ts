import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageResource, Session } from '@whatsapp-operator/api/session';
import { startTestSandbox, type TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { findBrowserGroups, killGroup, listProcesses } from '../../src/engine/process-tree.ts';
import { PodProcess } from './pod-process.ts';

/** The program as its users start it, with a real browser, from the first scan to the second start. */

const FRIEND = '4915700000000@c.us';
/** The recipient reads at once: a busy machine may tell of both acknowledgements together. */
const ARRIVED = /^(delivered|read)$/;
/** What a busy machine may need for anything below. Milliseconds. */
const PATIENCE = { timeout: 60_000, interval: 100 };

let sandbox: TestSandbox;
/** A new one for each test. */
let folder: string;
const pods: PodProcess[] = [];

beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_TIMING_SYNC_MS: '100' });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pod-process-'));
});
afterEach(async () => {
  for (const pod of pods.splice(0)) await pod.end();
  for (const group of await findBrowserGroups(join(folder, 'profile'))) await killGroup(group, 10_000);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
afterAll(() => sandbox.stop());

function start(environment: Readonly<Record<string, string>> = {}): PodProcess {
  const pod = new PodProcess({ DATA_DIR: folder, SANDBOX_URL: sandbox.controlUrl, ...environment });
  pods.push(pod);
  return pod;
}

const session = async (pod: PodProcess) =>
  (await (await pod.get('api', '/api/v1/session')).json()) as Session;
const reaches = (pod: PodProcess, state: string) =>
  expect
    .poll(async () => (pod.port('api') === undefined ? pod.output : (await session(pod)).state), PATIENCE)
    .toBe(state);

/** Starts one that is not linked yet, scans its code, and waits until it is connected. */
async function startLinked(environment: Readonly<Record<string, string>> = {}): Promise<PodProcess> {
  const pod = start(environment);
  await reaches(pod, 'Pairing');
  await expect.poll(async () => (await pod.get('api', '/api/v1/session/qr')).status, PATIENCE).toBe(200);
  const { qr } = (await (await pod.get('api', '/api/v1/session/qr')).json()) as { readonly qr: string };
  await sandbox.client.call('scan', { params: { number: '491510000001' }, body: { qr } });
  await reaches(pod, 'Connected');
  return pod;
}

async function send(
  pod: PodProcess,
  text: string,
  wait = '?wait=delivered&timeout=60',
): Promise<MessageResource> {
  const response = await pod.post(`/api/v1/messages${wait}`, { to: FRIEND, content: { type: 'text', text } });
  return (await response.json()) as MessageResource;
}

/** What the friend really got, by the text. */
async function received(): Promise<readonly string[]> {
  const ledger = await sandbox.client.call('ledger', { query: { kind: 'delivered' } });
  return ledger.map((entry) => JSON.stringify(entry));
}

test('pair, send, SIGTERM, start again: delivered once, exit 0, no second scan, and a second copy is refused', async () => {
  const first = await startLinked();
  expect((await send(first, 'the first')).status, first.output).toMatch(ARRIVED);
  await expect.poll(async () => (await first.get('health', '/readyz')).status, PATIENCE).toBe(200);

  const copy = start();
  expect(await copy.exit).toBe(75);
  expect(copy.output).toContain('another process uses the data folder');

  const groups = await findBrowserGroups(join(folder, 'profile'));
  expect(groups.length).toBeGreaterThan(0);
  const began = Date.now();
  first.child.kill('SIGTERM');
  // A second signal, as an impatient person sends it, changes nothing.
  first.child.kill('SIGTERM');
  expect(await first.exit).toBe(0);
  expect(Date.now() - began).toBeLessThan(30_000);
  expect(first.states.at(-1)).toBe('Stopped');
  const left = (await listProcesses()).filter(({ group, zombie }) => groups.includes(group) && !zombie);
  expect(left).toEqual([]);

  const second = start();
  await reaches(second, 'Connected');
  expect(second.states).not.toContain('Pairing');
  expect((await send(second, 'the second')).status).toMatch(ARRIVED);
  const { restarts } = await session(second);
  expect(restarts.uncleanStops).toBe(0);
  second.child.kill('SIGINT');
  expect(await second.exit).toBe(0);
  expect((await received()).length).toBe(2);
});

test('the whole process killed in between: what was accepted arrives once, and the kill is counted', async () => {
  const first = await startLinked();
  const sent = Array.from({ length: 10 }, (_, n) => send(first, `message ${n}`, ''));
  const accepted = await Promise.all(sent);
  first.child.kill('SIGKILL');
  await first.exit;

  const second = start();
  await reaches(second, 'Connected');
  expect((await session(second)).restarts.uncleanStops).toBe(1);
  for (const { id } of accepted) {
    await expect
      .poll(
        async () =>
          ((await (await second.get('api', `/api/v1/messages/${id}`)).json()) as MessageResource).status,
        PATIENCE,
      )
      .toMatch(/^(delivered|read)$/);
  }
  const { outbound } = await sandbox.client.call('audit', { query: {} });
  expect(outbound).toEqual({ lost: [], duplicated: [], unexpected: [], reordered: [] });
});

/** Lets a signal throw inside a healthy process, where nobody catches it. */
const failingOn = (signal: string, how: string) => ({
  NODE_OPTIONS: `--import data:text/javascript,process.on('${signal}',()=>{${how}(new(Error)('made-by-the-test'))})`,
});

test.each([
  ['an exception', '(error)=>{throw(error)};(error=>{throw(error)})'],
  ['a rejection', 'Promise.reject'],
])(
  '%s that nobody caught ends the process with its browser, and the next start has everything',
  async (_what, how) => {
    const first = await startLinked(failingOn('SIGUSR2', how));
    const groups = await findBrowserGroups(join(folder, 'profile'));
    first.child.kill('SIGUSR2');
    expect(await first.exit).toBe(1);
    expect(first.log.filter(({ level }) => level === 'fatal')).toMatchObject([
      { err: { message: 'made-by-the-test' } },
    ]);
    await expect
      .poll(
        async () => (await listProcesses()).filter(({ group, zombie }) => groups.includes(group) && !zombie),
        PATIENCE,
      )
      .toEqual([]);
    const second = start();
    await reaches(second, 'Connected');
    expect((await send(second, 'afterwards')).status).toMatch(ARRIVED);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
  },
);

test('a start that was interrupted before it was done ends like any other, and leaves nothing', async () => {
  const pod = start();
  await expect.poll(() => pod.output.includes('SIMULATION'), PATIENCE).toBe(true);
  pod.child.kill('SIGTERM');
  expect(await pod.exit).toBe(0);
  // A browser that has no page yet is not waited for until the deadline.
  expect(pod.log.at(-1)).toMatchObject({ msg: 'stopped', afterMs: expect.any(Number) });
  expect(Number(pod.log.at(-1)?.['afterMs'])).toBeLessThan(10_000);
  expect(await findBrowserGroups(join(folder, 'profile'))).toEqual([]);
});
