import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  beginFault,
  closeAll,
  connectedEngine,
  copyFolder,
  EngineUnderTest,
  endSessions,
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

test('a send to an unknown number through a dead connection was never begun', async () => {
  const session = await connectedEngine(sandbox, folder);
  await beginFault(sandbox, number, { kind: 'blackhole-socket' });
  const id = session.newId();
  const outcome = await session.send('who are you', { id, chatId: '4915787654321@c.us', deadlineMs: 3_000 });
  expect(outcome.kind).toBe('not_begun');
  expect(await kindsOf(sandbox, number, id)).toEqual([]);
});

test('a dropped socket: Disconnected with socket_lost, and Connected again in the same browser', async () => {
  const session = await connectedEngine(sandbox, folder);
  const before = session.transitions.length;
  const browser = await session.processes('browser');
  await beginFault(sandbox, number, { kind: 'drop-socket' });
  await session.told('socket_lost', before);
  await session.reach('Connected');
  expect(session.story().slice(before)).toEqual([
    'Connected → Disconnected socket_lost',
    'Disconnected → Connected progress',
  ]);
  expect(await session.processes('browser')).toEqual(browser);
  await session.engine.stop(8_000);
});

test('blackholed, with the defaults: noticed within 30 s, nothing claimed, everything arrives once afterwards', async () => {
  const session = await connectedEngine(sandbox, folder);
  await session.send('the chat is known');
  await until('it is read', () => session.acks.some(({ ack }) => ack === 3));
  session.acks.length = 0;
  const end = await beginFault(sandbox, number, { kind: 'blackhole-socket' });
  const at = Date.now();
  const ids = [session.newId(), session.newId()];
  for (const id of ids) {
    expect(await session.send('into the dark', { id })).toEqual({ kind: 'inserted', ack: 0 });
  }
  const noticed = await session.told('socket_silent', 0, 40_000);
  expect(noticed.at - at).toBeLessThan(30_000);
  expect(noticed).toMatchObject({ from: 'Connected', to: 'Disconnected' });
  expect(session.acks).toEqual([]);
  for (const id of ids) {
    expect(await session.engine.lookup({ chatId: FRIEND, id })).toEqual({ kind: 'found', ack: 0 });
  }
  await pause(1_000);
  expect(session.engine.snapshot.state).toBe('Disconnected');
  await end();
  await session.reach('Connected');
  for (const id of ids) {
    await until('it is delivered', async () => (await kindsOf(sandbox, number, id)).includes('delivered'));
    expect((await kindsOf(sandbox, number, id)).filter((kind) => kind === 'delivered')).toHaveLength(1);
  }
  expect(session.engine.snapshot.live).toBe(true);
  await session.engine.stop(8_000);
});

test('refused for ever: Disconnected and live, however many browsers it takes; Connected when it ends', async () => {
  const session = await connectedEngine(sandbox, folder, {
    deadlines: { outageMs: 1_000, outageMaxMs: 1_500, recoveryLimit: 2 },
  });
  const end = await beginFault(sandbox, number, { kind: 'refuse-socket' });
  await beginFault(sandbox, number, { kind: 'drop-socket' });
  await session.untilTold(
    'three browsers tried',
    () => session.transitions.filter(({ reason }) => reason === 'socket_lost').length >= 4,
    40_000,
  );
  expect(['Disconnected', 'Starting']).toContain(session.engine.snapshot.state);
  expect(session.engine.snapshot.live).toBe(true);
  expect(session.story().join()).not.toContain('recovery_exhausted');
  await end();
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test('started while WhatsApp cannot be reached: Starting and live, Connected when it can', async () => {
  const end = await beginFault(sandbox, number, { kind: 'refuse-socket' });
  const session = new EngineUnderTest(sandbox, await copyFolder(folder));
  session.engine.start();
  await pause(5_000);
  expect(session.engine.snapshot).toMatchObject({ state: 'Starting', live: true });
  expect(await session.send('not yet')).toMatchObject({ kind: 'not_begun' });
  await end();
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test('withheld acks: nothing is claimed; told to reconnect, the page sends again and it is known', async () => {
  const session = await connectedEngine(sandbox, folder);
  const end = await beginFault(sandbox, number, { kind: 'withhold-acks', acks: [1, 2, 3, 4] });
  const id = session.newId();
  await session.send('no answer', { id });
  await until('it is delivered', async () => (await kindsOf(sandbox, number, id)).includes('delivered'));
  expect(await session.engine.lookup({ chatId: FRIEND, id })).toEqual({ kind: 'found', ack: 0 });
  await end();
  await session.engine.reconnectSocket();
  await until('its ack is told', () =>
    session.acks.some(({ messageId, ack }) => messageId === `true_${FRIEND}_${id}` && ack >= 1),
  );
  expect((await kindsOf(sandbox, number, id)).filter((kind) => kind === 'delivered')).toHaveLength(1);
  await session.engine.stop(8_000);
});

test('a refused send: inserted, its ack −1 is told; handed over again under its id, it leaves', async () => {
  const session = await connectedEngine(sandbox, folder);
  const end = await beginFault(sandbox, number, { kind: 'refuse-sends', code: '479' });
  const id = session.newId();
  expect(await session.send('no', { id })).toMatchObject({ kind: 'inserted' });
  await until('ack −1 is told', () => session.acks.some(({ ack }) => ack === -1));
  expect(await session.engine.lookup({ chatId: FRIEND, id })).toEqual({ kind: 'found', ack: -1 });
  await end();
  expect(await session.send('no', { id })).toMatchObject({ kind: 'inserted' });
  await until('it left after all', async () => (await kindsOf(sandbox, number, id)).includes('delivered'));
  expect(await session.engine.lookup({ chatId: FRIEND, id })).toMatchObject({ kind: 'found' });
  await session.engine.stop(8_000);
});
