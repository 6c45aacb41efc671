import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EngineOptions } from '../../src/engine/index.ts';
import { findBrowserGroups } from '../../src/engine/process-tree.ts';
import {
  beginFault,
  closeAll,
  copyFolder,
  EngineUnderTest,
  endSessions,
  type FaultWish,
  FRIEND,
  kindsOf,
  linkedFolder,
  newSandbox,
  pause,
  until,
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

/** Short where a test would only wait; what they are by default is in the table. */
const QUICK = { loadMs: 2_000, bootMs: 3_000, syncMs: 2_000, readyMs: 1_000, gentleMaxMs: 1_000 } as const;

async function startUnder(
  fault: FaultWish,
  options: Partial<EngineOptions> = {},
): Promise<{ readonly session: EngineUnderTest; readonly end: () => Promise<void> }> {
  const end = await beginFault(sandbox, number, fault);
  const session = new EngineUnderTest(sandbox, await copyFolder(folder), { deadlines: QUICK, ...options });
  session.engine.start();
  return { session, end };
}

const groupsOf = (session: EngineUnderTest) => findBrowserGroups(join(session.folder, 'profile'));

/** What a start tells that goes well. */
const WELL = ['Stopped → Starting started', 'Starting → Syncing progress', 'Syncing → Connected progress'];

test('an ordinary start of a linked volume: no code, and nothing said twice', async () => {
  const session = new EngineUnderTest(sandbox, await copyFolder(folder));
  session.engine.start();
  await session.reach('Connected');
  expect(session.pairings).toEqual([]);
  expect(session.story().filter((line) => !WELL.includes(line))).toEqual([
    ...(session.story().includes('Starting → Connected progress') ? ['Starting → Connected progress'] : []),
  ]);
  expect(session.engine.snapshot).toMatchObject({
    account: { id: `${number}@c.us` },
    registrationDurable: true,
    versions: { engine: 'whatsapp-web.js 1.34.7' },
  });
  await session.engine.stop(8_000);
});

test('ready before the library listens: it is told again, and Connected in the same browser', async () => {
  const { session, end } = await startUnder({ kind: 'early-ready' });
  await session.reach('Connected');
  expect(session.story().filter((line) => !WELL.includes(line))).toEqual([]);
  await end();
  await session.engine.stop(8_000);
});

test('never synced: startup_timeout, again and again; Connected once the page does', async () => {
  const { session, end } = await startUnder({ kind: 'never-ready' });
  expect(await session.told('startup_timeout')).toMatchObject({ from: 'Syncing', to: 'Disconnected' });
  await end();
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test("a what's-new dialog is closed", async () => {
  const { session, end } = await startUnder({ kind: 'whats-new', blocksSync: true });
  await session.reach('Connected');
  expect(session.story().filter((line) => !WELL.includes(line))).toEqual([]);
  await end();
  await session.engine.stop(8_000);
});

test('a slow boot is only late', async () => {
  const { session, end } = await startUnder({ kind: 'slow-boot', ms: 1_500 });
  await session.reach('Connected');
  expect(session.story().filter((line) => !WELL.includes(line))).toEqual([]);
  await end();
  await session.engine.stop(8_000);
});

test.for([
  { name: 'HTTP 500', fault: { kind: 'http-error', status: 500 } },
  { name: 'HTML that never comes', fault: { kind: 'http-hang' } },
] as const)(
  '$name: page_unreachable, slowly again, never exhausted; Connected when it ends',
  async ({ fault }) => {
    const { session, end } = await startUnder(fault, { deadlines: { ...QUICK, recoveryLimit: 1 } });
    const first = await session.told('page_unreachable');
    expect(first).toMatchObject({ from: 'Starting', to: 'Starting' });
    await session.told('page_unreachable', session.transitions.indexOf(first) + 1);
    await session.told('page_unreachable', session.transitions.indexOf(first) + 2);
    expect(session.engine.snapshot.live).toBe(true);
    await end();
    await session.reach('Connected');
    await session.engine.stop(8_000);
  },
);

test.for([
  {
    name: 'a refused connection',
    args: (given: readonly string[]) => [
      ...given,
      '--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
    detail: 'ERR_CONNECTION_REFUSED',
  },
  {
    name: 'a name that does not resolve',
    args: (given: readonly string[]) => [
      ...given,
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
    detail: 'ERR_NAME_NOT_RESOLVED',
  },
  {
    name: 'a certificate that is not trusted',
    args: (given: readonly string[]) => given.filter((flag) => !flag.includes('spki')),
    detail: 'ERR_CERT_AUTHORITY_INVALID',
  },
])('$name: page_unreachable says $detail, and no browser is left behind', async ({ args, detail }) => {
  const session = new EngineUnderTest(sandbox, await copyFolder(folder), {
    browserArgs: args(sandbox.browserArgs),
    deadlines: { gentleMaxMs: 500 },
  });
  session.engine.start();
  const told = await session.told('page_unreachable');
  expect(told.detail).toContain(detail);
  await session.told('page_unreachable', session.transitions.indexOf(told) + 1);
  expect(session.engine.snapshot.live).toBe(true);
  expect((await groupsOf(session)).length).toBeLessThanOrEqual(1);
  await session.engine.stop(8_000);
  expect(await session.processes('browser')).toEqual([]);
});

test.for(['WAWebCallCollection', 'WAWebSyncGatingUtils', 'WAWebUserPrefsMeUser', 'WAWebOfflineHandler'])(
  'without %s: page_incompatible, slowly again; Connected when the page has it',
  async (module) => {
    const { session, end } = await startUnder({ kind: 'missing-modules', modules: [module] });
    const told = await session.told('page_incompatible');
    expect(told.detail).toContain(module);
    expect(session.engine.snapshot.live).toBe(true);
    await end();
    await session.reach('Connected');
    await session.engine.stop(8_000);
  },
);

test('without WAWebStreamModel: connected, and sends all the same', async () => {
  const { session, end } = await startUnder({ kind: 'missing-modules', modules: ['WAWebStreamModel'] });
  await session.reach('Connected');
  expect(await session.send('without presence')).toMatchObject({ kind: 'inserted' });
  await end();
  await session.engine.stop(8_000);
});

test('keys without _serialized: a send is inserted, its acks are told, and it is found, after a restart too', async () => {
  const { session, end } = await startUnder({ kind: 'rename-message-key' });
  await session.reach('Connected');
  const id = session.newId();
  expect(await session.send('renamed', { id })).toMatchObject({ kind: 'inserted' });
  await until('its ack is told', () =>
    session.acks.some(({ messageId, ack }) => messageId === `true_${FRIEND}_${id}` && ack >= 1),
  );
  expect(session.messages.map(({ id: full }) => full)).toContain(`true_${FRIEND}_${id}`);
  const after = session.newId();
  await session.send('a later one', { id: after });
  await session.engine.restart('to see what is kept');
  await session.reach('Connected');
  expect(await session.engine.lookup({ chatId: FRIEND, id })).toMatchObject({ kind: 'found' });
  expect(await session.engine.lookup({ chatId: FRIEND, id: session.newId() })).toEqual({ kind: 'absent' });
  expect((await kindsOf(sandbox, number, id)).filter((kind) => kind === 'delivered')).toHaveLength(1);
  await end();
  await session.engine.stop(8_000);
});

test('a lock that a browser of another host left is removed', async () => {
  const copy = await copyFolder(folder);
  await symlink('another-host-4242', join(copy, 'profile', 'SingletonLock'));
  const session = new EngineUnderTest(sandbox, copy);
  session.engine.start();
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test('a browser that cannot be started is told, and never more than the budget allows', async () => {
  const session = new EngineUnderTest(sandbox, await copyFolder(folder), {
    executable: '/nonexistent/chromium',
    deadlines: { recoveryLimit: 2, recoveryMaxMs: 100 },
  });
  session.engine.start();
  const told = await session.told('recovery_exhausted');
  expect(told.to).toBe('Starting');
  expect(session.story().filter((line) => line.includes('browser_crashed'))).toHaveLength(3);
  await pause(500);
  expect(session.engine.snapshot.live).toBe(false);
  await session.engine.stop(8_000);
});
