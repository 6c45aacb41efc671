import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  beginFault,
  closeAll,
  connectedEngine,
  endSessions,
  linkedFolder,
  newSandbox,
  pause,
} from './support/engine-under-test.ts';

let sandbox: TestSandbox;
let folder: string;
let number: string;

beforeAll(async () => {
  sandbox = await newSandbox();
  ({ folder, number } = await linkedFolder(sandbox));
});
afterEach(async () => {
  await endSessions();
  await sandbox.client.call('clearFaults', { query: {} });
});
afterAll(closeAll);

test.for(['renderer', 'browser'] as const)(
  '%s process stopped: engine_hung within 10 s, connected again without a scan',
  async (type) => {
    const session = await connectedEngine(sandbox, folder);
    const at = Date.now();
    for (const pid of await session.processes(type)) process.kill(pid, 'SIGSTOP');
    const send = session.send('into a frozen page', { deadlineMs: 4_000 });
    const noticed = await session.told('engine_hung');
    expect(noticed.at - at).toBeLessThan(10_000);
    expect(['not_begun', 'ambiguous']).toContain((await send).kind);
    await session.reach('Connected');
    expect(session.pairings).toEqual([]);
    await session.engine.stop(8_000);
  },
);

test('an endless loop in the page: engine_hung within 10 s, connected again', async () => {
  const session = await connectedEngine(sandbox, folder);
  const at = Date.now();
  await beginFault(sandbox, number, { kind: 'hang', ms: 60_000 });
  const noticed = await session.told('engine_hung');
  expect(noticed.at - at).toBeLessThan(10_000);
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test('a page that hangs for two seconds is left alone', async () => {
  const session = await connectedEngine(sandbox, folder);
  const before = session.transitions.length;
  await beginFault(sandbox, number, { kind: 'hang', ms: 2_000 });
  await pause(4_000);
  expect(session.story().slice(before)).toEqual([]);
  expect(await session.send('still there')).toMatchObject({ kind: 'inserted' });
  await session.engine.stop(8_000);
});

test("our own loop blocked for longer than every limit is not taken for the page's fault", async () => {
  const session = await connectedEngine(sandbox, folder, { deadlines: { heartbeatLimitMs: 3_000 } });
  const before = session.transitions.length;
  const end = Date.now() + 6_000;
  while (Date.now() < end);
  await pause(3_000);
  expect(session.story().slice(before)).toEqual([]);
  expect(await session.send('nothing was lost')).toMatchObject({ kind: 'inserted' });
  await session.engine.stop(8_000);
});

test('stopping with a frozen page ends within the deadline and leaves no process behind', async () => {
  const session = await connectedEngine(sandbox, folder);
  for (const pid of await session.processes('browser')) process.kill(pid, 'SIGSTOP');
  const at = Date.now();
  await session.engine.stop(2_000);
  expect(Date.now() - at).toBeLessThan(6_000);
  expect(await session.processes('browser')).toEqual([]);
});
