import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  closeAll,
  connectedEngine,
  EngineUnderTest,
  endSessions,
  linkedEngine,
  linkedFolder,
  newAccount,
  newFolder,
  newSandbox,
  pause,
} from './support/engine-under-test.ts';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await newSandbox();
});
afterEach(async () => {
  await endSessions();
  await sandbox.client.call('clearFaults', { query: {} });
});
afterAll(closeAll);

test('linked by QR code: Pairing, Syncing, Connected, and the registration is on the disk by then', async () => {
  const { session, number } = await linkedEngine(sandbox);
  expect(session.story()).toEqual([
    'Stopped → Starting started',
    'Starting → Pairing progress',
    'Pairing → Syncing progress',
    'Syncing → Connected progress',
  ]);
  expect(session.engine.snapshot).toMatchObject({
    registrationDurable: true,
    pairing: undefined,
    account: { id: `${number}@c.us`, platform: 'android' },
  });
  await session.kill();
  const again = new EngineUnderTest(sandbox, session.folder);
  again.engine.start();
  await again.reach('Connected');
  expect(again.pairings).toEqual([]);
  await again.engine.stop(8_000);
});

test('by a code for a number, chosen beforehand: no QR code is shown', async () => {
  const number = await newAccount(sandbox, true);
  const session = new EngineUnderTest(sandbox, await newFolder(), {
    pairing: { method: 'PairingCode', phoneNumber: number },
  });
  session.engine.start();
  await session.reach('Connected');
  expect(session.pairings[0]).toMatchObject({ method: 'PairingCode', phoneNumber: number });
  expect(session.pairings.map((pairing) => pairing?.method)).not.toContain('QRCode');
  await session.engine.stop(8_000);
});

test('by a code that is asked for while the QR code is shown', async () => {
  const number = await newAccount(sandbox, true);
  const session = new EngineUnderTest(sandbox, await newFolder());
  session.engine.start();
  await session.qr();
  expect(await session.engine.requestPairingCode(number)).toMatch(/^[A-Z0-9]{8}$/);
  await session.reach('Connected');
  await expect(session.engine.requestPairingCode(number)).rejects.toMatchObject({
    code: 'engine_unavailable',
  });
  await session.engine.stop(8_000);
});

test('codes that ran out: pairing_expired, the old code gone, fresh ones by themselves, and one of those works', async () => {
  const quick = await newSandbox({
    SANDBOX_TIMING_QR_FIRST_MS: '600',
    SANDBOX_TIMING_QR_NEXT_MS: '600',
    SANDBOX_TIMING_QR_REFS: '2',
  });
  const number = await newAccount(quick);
  const session = new EngineUnderTest(quick, await newFolder(), { deadlines: { pairingRefreshMs: 300 } });
  session.engine.start();
  const first = await session.qr();
  await session.told('pairing_expired');
  await session.told('pairing_expired', session.transitions.length);
  const fresh = await session.qr();
  expect(fresh).not.toBe(first);
  await session.scanWith(number);
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test('unlinked on the phone: LoggedOut once, wiped, Pairing; linked again in the same process, it lasts', async () => {
  const { session, number } = await linkedEngine(sandbox);
  const before = session.transitions.length;
  await sandbox.client.call('unlink', { params: { number }, body: {} });
  await session.reach('Pairing');
  await pause(2_000);
  expect(session.story().slice(before)).toEqual([
    'Connected → LoggedOut logged_out',
    'LoggedOut → Starting progress',
    'Starting → Pairing progress',
  ]);
  expect(session.engine.snapshot).toMatchObject({ account: undefined, registrationDurable: false });
  await session.scanWith(number);
  await session.reach('Connected');
  await session.kill();
  const again = new EngineUnderTest(sandbox, session.folder);
  again.engine.start();
  await again.reach('Connected');
  expect(again.pairings).toEqual([]);
  await again.engine.stop(8_000);
});

test('unlinked while it was away: Pairing, with logged_out as the reason', async () => {
  const { folder, number } = await linkedFolder(sandbox);
  await sandbox.client.call('unlink', { params: { number }, body: {} });
  const session = new EngineUnderTest(sandbox, folder);
  session.engine.start();
  await session.reach('Pairing');
  expect(session.transitions.at(-1)?.reason).toBe('logged_out');
  expect(session.engine.snapshot).toMatchObject({ account: undefined, registrationDurable: false });
  await session.scanWith(number);
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test('logging out through the API unlinks the device at WhatsApp, and leads to Pairing', async () => {
  const { folder, number } = await linkedFolder(sandbox);
  const session = await connectedEngine(sandbox, folder);
  await session.engine.logout();
  await session.reach('Pairing');
  expect(session.story()).toContain('Connected → LoggedOut requested');
  const { devices } = await sandbox.client.call('getAccount', { params: { number } });
  expect(devices[0]?.unlinkedAt).not.toBeNull();
  await session.engine.stop(8_000);
});
