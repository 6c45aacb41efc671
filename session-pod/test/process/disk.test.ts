import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MessageResource, Session } from '@whatsapp-operator/api/session';
import { startTestSandbox, type TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBrowserGroups, killGroup } from '../../src/engine/process-tree.ts';
import { PodProcess } from './pod-process.ts';

/** The whole program on a volume that is really full: a filesystem of its own, which needs root. */

const run = promisify(execFile);
const FRIEND = '4915700000000@c.us';
const PATIENCE = { timeout: 60_000, interval: 200 };

let sandbox: TestSandbox;
let volume: string;
let folder: string;
let pod: PodProcess;

const start = (): PodProcess =>
  new PodProcess({ DATA_DIR: folder, SANDBOX_URL: sandbox.controlUrl, STORAGE_RESERVE: '32Mi' });

beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_TIMING_SYNC_MS: '100' });
  volume = mkdtempSync(join(tmpdir(), 'pod-volume-'));
  await run('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'tmpfs', volume]);
  folder = join(volume, 'session-data');
  pod = start();
});
afterAll(async () => {
  await pod.end();
  for (const group of await findBrowserGroups(join(folder, 'profile'))) await killGroup(group, 10_000);
  await sandbox.stop();
  await run('umount', ['-l', volume]);
  rmSync(volume, { recursive: true, force: true });
});

const filler = () => join(volume, 'filler');

function fill(leaveBytes: number): void {
  const { bavail, bsize } = statfsSync(volume);
  writeFileSync(filler(), Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes), 1));
}

const session = async () => (await (await pod.get('api', '/api/v1/session')).json()) as Session;
const reaches = (state: string) =>
  expect
    .poll(async () => (pod.port('api') === undefined ? pod.output : (await session()).state), PATIENCE)
    .toBe(state);
const post = (text: string, query = '') =>
  pod.post(`/api/v1/messages${query}`, { to: FRIEND, content: { type: 'text', text } });
const statusOf = async (id: string) =>
  ((await (await pod.get('api', `/api/v1/messages/${id}`)).json()) as MessageResource).status;

test('507 below the reserve, what was accepted is still sent, and 202 again once there is room', async () => {
  await reaches('Pairing');
  await expect.poll(async () => (await pod.get('api', '/api/v1/session/qr')).status, PATIENCE).toBe(200);
  const { qr } = (await (await pod.get('api', '/api/v1/session/qr')).json()) as { readonly qr: string };
  await sandbox.client.call('scan', { params: { number: '491510000001' }, body: { qr } });
  await reaches('Connected');

  const accepted = await Promise.all(
    Array.from({ length: 5 }, async (_, n) => (await post(`before it is full ${n}`)).json()),
  );
  fill(24 * 2 ** 20);
  const refused = await post('too late');
  expect(refused.status).toBe(507);
  expect(await refused.json()).toMatchObject({ code: 'storage_full', retry: 'later' });
  for (const { id } of accepted as MessageResource[]) {
    await expect.poll(() => statusOf(id), PATIENCE).toMatch(/^(delivered|read)$/);
  }
  expect((await session()).state).toBe('Connected');

  rmSync(filler());
  const again = await post('room again', '?wait=delivered&timeout=60');
  expect(again.status).toBe(200);
});

test('a start on a volume that is full to the last byte tells so, and goes on by itself once there is room', async () => {
  const waiting = (await (await post('waits over the full disk')).json()) as MessageResource;
  pod.child.kill('SIGKILL');
  await pod.exit;
  for (const group of await findBrowserGroups(join(folder, 'profile'))) await killGroup(group, 10_000);
  expect(existsSync(join(folder, 'ballast'))).toBe(true);
  fill(0);

  pod = start();
  await expect.poll(() => pod.port('api'), PATIENCE).toBeDefined();
  await expect.poll(async () => (await session()).reason, PATIENCE).toBe('storage_error');
  expect((await post('not now')).status).toBe(507);
  expect((await pod.get('health', '/livez')).status).toBe(200);
  expect((await pod.get('health', '/readyz')).status).toBe(503);

  rmSync(filler());
  await reaches('Connected');
  await expect.poll(() => statusOf(waiting.id), PATIENCE).toMatch(/^(delivered|read)$/);
  const { outbound } = await sandbox.client.call('audit', { query: {} });
  expect(outbound).toEqual({ lost: [], duplicated: [], unexpected: [], reordered: [] });
  pod.child.kill('SIGTERM');
  expect(await pod.exit).toBe(0);
});

test('without ballast a full volume refuses the start in one line, and nothing of the queue is touched', async () => {
  rmSync(join(folder, 'ballast'), { force: true });
  fill(0);
  pod = start();
  expect(await pod.exit).toBe(73);
  expect(pod.output).toMatch(/^the volume of the data folder .* is full/m);
  rmSync(filler());
  pod = start();
  await reaches('Connected');
  expect((await post('after all that', '?wait=delivered&timeout=60')).status).toBe(200);
  expect(existsSync(join(folder, 'ballast'))).toBe(true);
});
