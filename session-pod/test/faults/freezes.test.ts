import { Session } from 'node:inspector/promises';
import { expect, test } from 'vitest';
import { beginFault, connectedEngine, pause, until } from './support/engine-under-test.ts';
import { folder, number, sandbox } from './support/linked-volume.ts';

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

/** Keeps the loop of the worker threads that there are busy, as code in them that never ends would. */
async function blockWorkers(ms: number): Promise<void> {
  const inspector = new Session();
  inspector.connect();
  const expression = `for (const end = Date.now() + ${ms}; Date.now() < end; );`;
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } });
  const attached: string[] = [];
  inspector.on('NodeWorker.attachedToWorker', ({ params }) => attached.push(params.sessionId));
  await inspector.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  await until('a worker is attached', () => attached.length > 0);
  for (const sessionId of attached) {
    await inspector.post('NodeWorker.sendMessageToWorker', { sessionId, message });
  }
  // Those that come later are to be left alone.
  inspector.removeAllListeners();
  await pause(100);
  inspector.disconnect();
}

test('a worker thread whose loop is blocked: engine_hung within its deadline, connected again without a scan', async () => {
  const session = await connectedEngine(sandbox, folder);
  const at = Date.now();
  await blockWorkers(120_000);
  const noticed = await session.told('engine_hung');
  expect(noticed.at - at).toBeLessThan(10_000);
  expect(noticed).toMatchObject({ from: 'Connected', to: 'Disconnected' });
  await session.reach('Connected');
  expect(session.pairings).toEqual([]);
  expect(await session.send('with a new thread')).toMatchObject({ kind: 'inserted' });
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
