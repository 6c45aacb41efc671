import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  beginFault,
  closeAll,
  connectedEngine,
  endSessions,
  FRIEND,
  kindsOf,
  linkedEngine,
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

test.for([
  { name: 'a reload', fault: { kind: 'reload' } },
  { name: 'a navigation to another document', fault: { kind: 'navigate', url: '/elsewhere' } },
] as const)('$name: navigation, and connected again', async ({ fault }) => {
  const session = await connectedEngine(sandbox, folder);
  const before = session.transitions.length;
  await beginFault(sandbox, number, fault);
  await session.untilTold('it is noticed', () => session.transitions.length > before, 5_000);
  expect(['navigation', 'page_unreachable']).toContain(session.transitions[before]?.reason);
  await session.reach('Connected');
  expect(await session.send('after the reload')).toMatchObject({ kind: 'inserted' });
  await session.engine.stop(8_000);
});

test('a send that a reload cuts off is never called refused, and never doubled', async () => {
  const session = await connectedEngine(sandbox, folder);
  const id = session.newId();
  const send = session.send('cut off', { id });
  await beginFault(sandbox, number, { kind: 'reload' });
  expect(['inserted', 'ambiguous', 'not_begun']).toContain((await send).kind);
  await session.told('navigation');
  await session.reach('Connected');
  const known = await session.engine.lookup({ chatId: FRIEND, id });
  expect(['found', 'absent']).toContain(known.kind);
  if (known.kind === 'absent') {
    expect(await session.send('cut off', { id })).toMatchObject({ kind: 'inserted' });
  }
  await until('it is delivered', async () => (await kindsOf(sandbox, number, id)).includes('delivered'));
  expect((await kindsOf(sandbox, number, id)).filter((kind) => kind === 'delivered')).toHaveLength(1);
  await session.engine.stop(8_000);
});

test('a navigation within the page makes the library listen twice: nothing is told twice', async () => {
  const session = await connectedEngine(sandbox, folder);
  const before = session.transitions.length;
  await beginFault(sandbox, number, { kind: 'navigate', url: '#elsewhere' });
  await pause(1_000);
  const id = session.newId();
  await session.send('once', { id });
  await until('it was read', () => session.acks.some(({ ack }) => ack === 3));
  expect(session.story().slice(before)).toEqual([]);
  expect(session.acks.map(({ ack }) => ack)).toEqual([1, 2, 3]);
  expect(session.messages.filter(({ body }) => body === 'once')).toHaveLength(1);
  await session.engine.stop(8_000);
});

test.for([
  { state: 'CONFLICT', reason: 'conflict' },
  { state: 'TOS_BLOCK', reason: 'tos_block' },
  { state: 'SMB_TOS_BLOCK', reason: 'smb_tos_block' },
  { state: 'PROXYBLOCK', reason: 'proxy_block' },
  { state: 'DEPRECATED_VERSION', reason: 'deprecated_version' },
] as const)(
  '$state: Failed with $reason, the browser gone, nothing tried again until somebody asks',
  async ({ state, reason }) => {
    const session = await connectedEngine(sandbox, folder);
    const before = session.transitions.length;
    await beginFault(sandbox, number, { kind: 'block', state });
    await session.reach('Failed');
    await pause(1_500);
    expect(session.story().slice(before)).toEqual([`Connected → Failed ${reason}`]);
    expect(await session.processes('browser')).toEqual([]);
    expect(session.engine.snapshot.live).toBe(true);
    expect(await session.send('no')).toMatchObject({ kind: 'not_begun' });
    await session.engine.restart('a person asked');
    await session.reach('Connected');
    await session.engine.stop(8_000);
  },
);

test('two engines with one registration: the older one yields with conflict, the newer one works', async () => {
  const { session: first } = await linkedEngine(sandbox);
  await first.engine.stop(8_000);
  const second = await connectedEngine(sandbox, first.folder);
  const third = await connectedEngine(sandbox, first.folder);
  await second.told('conflict');
  expect(second.engine.snapshot.state).toBe('Failed');
  await pause(1_500);
  expect(third.engine.snapshot.state).toBe('Connected');
  await second.engine.stop(8_000);
  await third.engine.stop(8_000);
});
