import { afterAll, expect, test } from 'vitest';
import {
  closeAll,
  linkedSession,
  newAccount,
  newProfile,
  sandbox,
  startSession,
  until,
} from './support/world.ts';

afterAll(closeAll);

test('links by QR code: qr, then authenticated and ready, with the account in client.info', async () => {
  const { session, number } = await linkedSession();
  expect(session.names().filter((name) => name !== 'loading_screen')).toEqual([
    'qr',
    'authenticated',
    'ready',
  ]);
  expect(session.client.info.wid._serialized).toBe(`${number}@c.us`);
  const { devices } = await sandbox.call('getAccount', { params: { number } });
  expect(devices).toMatchObject([{ browser: 'Chrome (Linux)', connected: true, unlinkedAt: null }]);
  await session.client.destroy();
});

test('links by pairing code, entered on the phone', async () => {
  const number = await newAccount();
  const session = await startSession({ profile: await newProfile(), phone: number });
  const [code] = await session.next('code');
  expect(code).toMatch(/^[1-9A-HJKMNP-Z]{8}$/);
  await sandbox.call('enterCode', { params: { number }, body: { code: String(code) } });
  await session.next('ready');
  await session.client.destroy();
});

test('an account with autoLink enters its pairing code by itself', async () => {
  const number = await newAccount(true);
  const session = await startSession({ profile: await newProfile(), phone: number });
  await session.next('ready');
  expect(session.client.info.wid.user).toBe(number);
  await session.client.destroy();
});

test('finds the sandbox under a host name as well, although every other name is unknown', async () => {
  const number = await newAccount(true);
  const { args } = await sandbox.call('browserArgs', {});
  const port = /MAP web\.whatsapp\.com \S+:(\d+)/.exec(args[0] ?? '')?.[1];
  const session = await startSession({ profile: await newProfile(), phone: number }, `localhost:${port}`);
  await session.next('ready');
  await session.client.destroy();
});

test('a pairing code works for the number that it was made for, and no other', async () => {
  const number = await newAccount();
  const other = await newAccount();
  const session = await startSession({ profile: await newProfile(), phone: number });
  const [code] = await session.next('code');
  const enter = (by: string) =>
    sandbox.call('enterCode', { params: { number: by }, body: { code: String(code) } });
  await expect(enter(other)).rejects.toMatchObject({ code: 'CODE_UNKNOWN', status: 404 });
  await enter(number);
  await session.next('ready');
  await session.client.destroy();
});

test('QR codes rotate; a stale one is refused and the current one links', async () => {
  await sandbox.call('setTiming', { body: { qrFirstMs: 400 } });
  try {
    const number = await newAccount();
    const session = await startSession({ profile: await newProfile() });
    const [first] = await session.next('qr');
    const [second] = await session.next('qr');
    const scan = (qr: unknown) => sandbox.call('scan', { params: { number }, body: { qr: String(qr) } });
    await expect(scan(first)).rejects.toMatchObject({ code: 'QR_EXPIRED', status: 410 });
    await expect(scan(String(second).replace(/,[^,]+,/, ',forged,'))).rejects.toMatchObject({
      code: 'QR_KEYS_DIFFER',
    });
    expect((await sandbox.call('pendingLinks', {})).map(({ qr }) => qr)).toContain(second);
    await scan(second);
    await session.next('ready');
    await session.client.destroy();
  } finally {
    await sandbox.call('setTiming', { body: { qrFirstMs: 60_000 } });
  }
});

test('when its QR codes run out the page falls to UNPAIRED_IDLE, and the library does not renew them', async () => {
  await sandbox.call('setTiming', { body: { qrFirstMs: 300, qrNextMs: 100, qrRefs: 2 } });
  try {
    const session = await startSession({ profile: await newProfile() });
    await session.next('qr');
    await session.next('qr');
    await until('the page is idle', async () => (await session.client.getState()) === 'UNPAIRED_IDLE');
    const shown = session.names().length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(session.names().length).toBe(shown);
    await session.client.destroy();
  } finally {
    await sandbox.call('setTiming', { body: { qrFirstMs: 60_000, qrNextMs: 20_000, qrRefs: 6 } });
  }
});

test('qrMaxRetries ends in disconnected', async () => {
  await sandbox.call('setTiming', { body: { qrFirstMs: 300, qrNextMs: 300 } });
  try {
    const session = await startSession({ profile: await newProfile(), qrMaxRetries: 1 });
    expect(await session.next('disconnected')).toEqual(['Max qrcode retries reached']);
  } finally {
    await sandbox.call('setTiming', { body: { qrFirstMs: 60_000, qrNextMs: 20_000 } });
  }
});
