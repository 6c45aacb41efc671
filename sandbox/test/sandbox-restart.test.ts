import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startTestSandbox } from '../src/testing.ts';
import { Session } from './support/session.ts';
import { closeAll, newProfile, until } from './support/world.ts';

const FRIEND = '4915700000000@c.us';
const NUMBER = '491510000001';

afterAll(closeAll);

test('the sandbox itself is restarted: devices stay linked, and what was sent meanwhile arrives once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-restart-'));
  const settings = { SANDBOX_DATA: folder, SANDBOX_TIMING_BACKOFF_MS: '50' };
  const first = await startTestSandbox(settings);
  const session = new Session({ profile: await newProfile(), phone: NUMBER }, first.browserArgs);
  session.start();
  await session.next('ready');
  await session.client.sendMessage(FRIEND, 'before', { waitUntilMsgSent: true });
  await first.stop();
  const sent = await session.client.sendMessage(FRIEND, 'meanwhile');
  expect(sent.ack).toBe(0);

  const second = await startTestSandbox({ ...settings, SANDBOX_WEB_PORT: String(first.webPort) });
  await until('it is delivered', async () => {
    const ledger = await second.client.call('ledger', { query: { kind: 'delivered' } });
    return ledger.map(({ detail }) => detail).join() === 'before,meanwhile';
  });
  expect(session.names()).not.toContain('disconnected');
  expect(session.names().filter((name) => name === 'ready')).toHaveLength(1);
  await session.client.destroy();
  await second.stop();
  await rm(folder, { recursive: true });
});
