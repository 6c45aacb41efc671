import type { Worker } from 'node:worker_threads';
import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  beginFault,
  closeAll,
  connectedEngine,
  type EngineUnderTest,
  endSessions,
  kindsOf,
  linkedFolder,
  newSandbox,
  pause,
  until,
} from './support/engine-under-test.ts';

/** Every worker thread that the engine starts, so that a test can end one. */
const workers = vi.hoisted(() => [] as Worker[]);
vi.mock('node:worker_threads', async (load) => {
  const original = await load<typeof import('node:worker_threads')>();
  class NotedWorker extends original.Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      workers.push(this);
    }
  }
  return { ...original, Worker: NotedWorker };
});

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

/** Kills all processes of a kind; tells when. */
async function killAll(session: EngineUnderTest, type: 'browser' | 'renderer' | 'utility'): Promise<number> {
  const pids = await session.processes(type);
  expect(pids.length).toBeGreaterThan(0);
  const at = Date.now();
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return at;
}

test.for([
  { type: 'renderer', reason: 'renderer_crashed' },
  { type: 'browser', reason: 'browser_crashed' },
] as const)(
  '$type killed: noticed within 2 s, connected again without a scan, and sending',
  async ({ type, reason }) => {
    const session = await connectedEngine(sandbox, folder);
    const at = await killAll(session, type);
    const noticed = await session.told(reason);
    expect(noticed.at - at).toBeLessThan(2_000);
    expect(noticed).toMatchObject({ from: 'Connected', to: 'Disconnected' });
    await session.reach('Connected');
    expect(session.pairings).toEqual([]);
    expect(await session.send('after the crash')).toMatchObject({ kind: 'inserted' });
    await session.engine.stop(8_000);
  },
);

test('out of memory in the page: renderer_crashed, connected again', async () => {
  const session = await connectedEngine(sandbox, folder, {
    browserArgs: [...sandbox.browserArgs, '--js-flags=--max-old-space-size=64'],
  });
  await beginFault(sandbox, number, { kind: 'crash' });
  expect(await session.told('renderer_crashed')).toMatchObject({ to: 'Disconnected' });
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test('the worker thread ends in the middle of a send: engine_crashed within 2 s, the send is not claimed', async () => {
  const session = await connectedEngine(sandbox, folder);
  await beginFault(sandbox, number, { kind: 'slow-socket', ms: 400 });
  const id = session.newId();
  // A chat that is not known yet: the page is asked about the number first, through the slow connection.
  const send = session.send('half way', { id, chatId: '4915712345678@c.us' });
  await pause(200);
  const at = Date.now();
  await workers.at(-1)?.terminate();
  const noticed = await session.told('engine_crashed');
  expect(noticed.at - at).toBeLessThan(2_000);
  expect(await send).toMatchObject({ kind: 'ambiguous', cause: 'engine_lost' });
  await sandbox.client.call('clearFaults', { query: { account: number } });
  await session.reach('Connected');
  expect(session.pairings).toEqual([]);
  expect(await session.engine.lookup({ chatId: '4915712345678@c.us', id })).toEqual({ kind: 'absent' });
  expect(await kindsOf(sandbox, number, id)).toEqual([]);
  await session.engine.stop(8_000);
});

test('the worker thread throws: engine_crashed, connected again', async () => {
  const session = await connectedEngine(sandbox, folder);
  // No message of the engine's: what is thrown at it nobody catches.
  workers.at(-1)?.postMessage(null);
  await session.told('engine_crashed');
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test("the browser's helper processes killed: it goes on sending without a new life", async () => {
  const session = await connectedEngine(sandbox, folder);
  await killAll(session, 'utility').catch(() => undefined);
  await pause(1_500);
  await session.reach('Connected');
  expect(await session.send('helpers gone')).toMatchObject({ kind: 'inserted' });
  expect(session.story().filter((line) => /crashed|hung/.test(line))).toEqual([]);
  await session.engine.stop(8_000);
});

test('a browser killed in the middle of sends: each send ends honestly, and everything inserted arrives once', async () => {
  const session = await connectedEngine(sandbox, folder);
  await beginFault(sandbox, number, { kind: 'slow-socket', ms: 30 });
  const ids = Array.from({ length: 20 }, () => session.newId());
  const outcomes = ids.map((id) => session.send(`number ${id}`, { id }));
  await pause(60);
  await killAll(session, 'browser');
  const ended = await Promise.all(outcomes);
  await sandbox.client.call('clearFaults', { query: { account: number } });
  await session.reach('Connected');
  expect(ended.map(({ kind }) => kind)).not.toContain('refused');
  for (const [index, id] of ids.entries()) {
    const outcome = ended[index];
    if (outcome?.kind === 'inserted') {
      await until(`${id} is delivered`, async () =>
        (await kindsOf(sandbox, number, id)).includes('delivered'),
      );
    }
    if (outcome?.kind === 'not_begun') expect(await kindsOf(sandbox, number, id)).toEqual([]);
    const delivered = (await kindsOf(sandbox, number, id)).filter((kind) => kind === 'delivered');
    expect(delivered.length).toBeLessThanOrEqual(1);
  }
  await session.engine.stop(8_000);
});

test('crash after crash: pauses grow, the budget ends, and the engine calls itself not live', async () => {
  const session = await connectedEngine(sandbox, folder, {
    deadlines: { recoveryLimit: 2, recoveryMaxMs: 500, recoveryWindowMs: 600_000 },
  });
  for (const _ of [1, 2]) {
    await killAll(session, 'browser');
    await session.told('browser_crashed', session.transitions.length);
    await session.reach('Connected');
    expect(session.engine.snapshot.live).toBe(true);
  }
  await killAll(session, 'browser');
  await session.told('recovery_exhausted');
  expect(session.engine.snapshot).toMatchObject({ live: false, state: 'Disconnected' });
  await session.engine.restart('a person wants it');
  await session.reach('Connected');
  expect(session.engine.snapshot.live).toBe(true);
  await session.engine.stop(8_000);
});
