import { afterAll, expect, test } from 'vitest';
import { closeAll, linkedSession, newAccount, newProfile, sandbox, startSession } from './support/world.ts';

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
