import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import type { SendOutcome } from './engine/engine.ts';
import { startTestPod, type TestPod } from './http/testing/test-pod.ts';
import { createLog } from './log.ts';
import { startSessionPod } from './session-pod.ts';
import { readSettings } from './settings/settings.ts';
import type { StartupError } from './startup-error.ts';

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

/** The error with which a start is refused. */
async function refusal(environment: Record<string, string>): Promise<StartupError> {
  const folder = mkdtempSync(join(tmpdir(), 'refused-'));
  const settings = readSettings({
    PORT: '0',
    HEALTH_PORT: '0',
    DATA_DIR: folder,
    BROWSER_PATH: '/bin/true',
    ...environment,
  });
  try {
    const pod = await startSessionPod(settings, { log: createLog('silent', 'test'), onFatal: () => {} });
    await pod.stop();
  } catch (error) {
    return error as StartupError;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  throw new Error('it started');
}

const TEXT = { to: '491510000002', content: { type: 'text', text: 'x' } };

test('a second copy on the same folder is refused, and the first goes on', async () => {
  const first = await start();
  const error = await refusal({ DATA_DIR: first.folder });
  expect([error.code, error.exitCode]).toEqual(['data_folder_in_use', 75]);
  expect(error.message).toContain(first.folder);
  expect((await first.call('GET', '/api/v1/session')).status).toBe(200);
});

test('a foreign database is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreign-'));
  writeFileSync(join(folder, 'session.db'), 'somebody else wrote this');
  const error = await refusal({ DATA_DIR: folder });
  expect(error.code).toBe('database_refused');
});

test('a port that is taken is named with its setting, and the folder is free again', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const folder = mkdtempSync(join(tmpdir(), 'port-'));
  for (const variable of ['PORT', 'HEALTH_PORT']) {
    const error = await refusal({ DATA_DIR: folder, [variable]: String(port) });
    expect(error.code).toBe('port_unavailable');
    expect(error.message).toContain(variable);
  }
  taken.close();
  await start({ DATA_DIR: folder });
});

test('a missing browser is named with the package that brings it', async () => {
  const error = await refusal({ BROWSER_PATH: '/nowhere/chromium' });
  expect(error.message).toContain('apt-get install chromium-headless-shell');
  const full = await refusal({ BROWSER_PATH: '/nowhere/chromium', BROWSER_FLAVOR: 'Chromium' });
  expect(full.message).toMatch(/apt-get install chromium\)/);
});

test('a sandbox that is not there is refused', async () => {
  const error = await refusal({ SANDBOX_URL: 'http://127.0.0.1:1' });
  expect(error.code).toBe('sandbox_unreachable');
});

test('stopping finishes the send in flight, refuses what is new, reads on, and starts again with everything', async () => {
  const pod = await startTestPod();
  pod.engine.connect();
  const send = Promise.withResolvers<SendOutcome>();
  pod.engine.sendOutcome = () => send.promise;
  const { body } = await pod.call('POST', '/api/v1/messages', TEXT);
  // Waits its turn: the one before it in the same chat is not through yet.
  await pod.call('POST', '/api/v1/messages', TEXT);
  await expect.poll(() => pod.engine.sent.length, { timeout: 20_000 }).toBe(1);

  const stopping = pod.stop();
  await pause(50);
  const refused = await pod.call('POST', '/api/v1/messages', TEXT);
  expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
    503,
    'shutting_down',
    '5',
  ]);
  expect((await pod.call('GET', `/api/v1/messages/${body.id}`)).status).toBe(200);
  expect((await fetch(`${pod.healthUrl}/readyz`)).status).toBe(503);
  expect(pod.engine.asked).not.toContain('stop');
  send.resolve({ kind: 'inserted', ack: 1 });
  await stopping;
  expect(pod.engine.asked).toContain('stop');
  expect(pod.engine.sent).toHaveLength(1);

  const again = await start({ DATA_DIR: pod.folder });
  const { body: found } = await again.call('GET', `/api/v1/messages/${body.id}`);
  expect(found.attempts).toMatchObject([{ outcome: 'inserted' }]);
  const { body: page } = await again.call('GET', '/api/v1/messages?status=queued');
  expect(page.messages).toHaveLength(1);
});
