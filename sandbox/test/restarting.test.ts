import { afterAll, expect, test } from 'vitest';
import type library from 'whatsapp-web.js';
import {
  closeAll,
  copyProfile,
  linkedProfile,
  linkedSession,
  newProfile,
  pause,
  sandbox,
  startSession,
  until,
} from './support/world.ts';

const FRIEND = '4915700000000@c.us';

/** Longer than Chromium keeps localStorage in memory after the last write (reference: 5 s were enough). */
const LOCAL_STORAGE_SETTLES_MS = 6_500;

afterAll(closeAll);

const inject = (number: string, body: string) =>
  sandbox.call('inject', { params: { number }, body: { chat: FRIEND, content: { kind: 'text', body } } });

test('after a clean close it is ready again without a scan', async () => {
  const { number, profile } = await linkedProfile();
  const session = await startSession({ profile });
  await session.next('ready');
  expect(session.names()).not.toContain('qr');
  expect(session.client.info.wid.user).toBe(number);
  await session.client.destroy();
});

test('killed right after ready, the profile has lost its localStorage and needs a scan', async () => {
  const { session, profile } = await linkedSession();
  await session.kill();
  const again = await startSession({ profile });
  await again.next('qr');
  await again.kill();
});

test('killed once localStorage has settled, it is ready again without a scan', async () => {
  const { session, profile } = await linkedSession();
  await pause(LOCAL_STORAGE_SETTLES_MS);
  await session.kill();
  const again = await startSession({ profile });
  await again.next('ready');
  expect(again.names()).not.toContain('qr');
  await again.client.destroy();
});

test('a message that was stored and not sent leaves after a kill, under its own id, once', async () => {
  const { session, number, profile } = await linkedSession();
  await pause(LOCAL_STORAGE_SETTLES_MS);
  await session.client.sendMessage(FRIEND, 'the chat exists', { waitUntilMsgSent: true });
  const { id: fault } = (await sandbox.call('addFault', {
    body: { account: number, fault: { kind: 'blackhole-socket' } },
  })) ?? { id: '' };
  const sent = await session.client.sendMessage(FRIEND, 'survives');
  await session.kill();
  await sandbox.call('clearFault', { params: { id: fault } });
  const again = await startSession({ profile });
  await again.next('ready');
  await until('it is delivered', async () => {
    const entries = await sandbox.call('ledger', { query: { account: number, id: sent.id.id } });
    return entries.map(({ kind }) => kind).includes('delivered');
  });
  const found = await until('its ack rose', async () => {
    const message = await again.client.getMessageById(sent.id._serialized);
    return message.ack >= 1 && message;
  });
  expect(found.body).toBe('survives');
  const audit = await sandbox.call('audit', { query: { account: number } });
  expect(audit.outbound).toEqual({ lost: [], duplicated: [], unexpected: [], reordered: [] });
  await again.client.destroy();
});

test('a reaction of its own is still there after a restart', async () => {
  const { session, profile } = await linkedSession();
  const sent = (await session.client.sendMessage(FRIEND, 'liked', {
    waitUntilMsgSent: true,
  })) as library.Message;
  await sent.react('👍');
  await session.client.destroy();
  const again = await startSession({ profile });
  await again.next('ready');
  const found = await again.client.getMessageById(sent.id._serialized);
  expect((await found.getReactions()).map(({ aggregateEmoji }) => aggregateEmoji)).toEqual(['👍']);
  await again.client.destroy();
});

test('what came while it was away is in the chats after ready, though no event told of it', async () => {
  const { number, profile } = await linkedProfile();
  for (let index = 0; index < 30; index++) await inject(number, `away ${index}`);
  const session = await startSession({ profile });
  await session.next('ready');
  const [chat] = await session.client.getChats();
  const messages = await chat?.fetchMessages({ limit: 30 });
  expect(messages?.map(({ body }) => body)).toEqual(
    Array.from({ length: 30 }, (_, index) => `away ${index}`),
  );
  expect(session.names()).not.toContain('message');
  expect(session.names()).toContain('loading_screen');
  await until('all are acknowledged', async () => {
    const received = await sandbox.call('ledger', { query: { account: number, kind: 'received' } });
    return received.length === 30;
  });
  await session.client.destroy();
});

test('a newly linked device gets the chats from before, and older messages when it asks', async () => {
  const { session: first, number } = await linkedSession();
  for (let index = 0; index < 70; index++) await inject(number, `before ${index}`);
  await first.client.destroy();
  const session = await startSession({ profile: (await linkedTo(number)).profile });
  await session.next('ready');
  const [chat] = await session.client.getChats();
  expect(chat).toMatchObject({ id: { _serialized: FRIEND }, unreadCount: 70 });
  const messages = await chat?.fetchMessages({ limit: 70 });
  expect(messages?.length).toBe(70);
  expect(messages?.at(-1)?.body).toBe('before 69');
  expect(messages?.map(({ body }) => body)).toContain('before 0');
  await session.client.destroy();
});

/** A second profile of the same account. */
async function linkedTo(number: string): Promise<{ readonly profile: string }> {
  const profile = await newProfile();
  const session = await startSession({ profile });
  const [qr] = await session.next('qr');
  await sandbox.call('scan', { params: { number }, body: { qr: String(qr) } });
  await session.next('ready');
  await session.client.destroy();
  return { profile };
}

test('a second browser with the same registration pushes the first out with CONFLICT', async () => {
  const { profile } = await linkedProfile();
  const first = await startSession({ profile });
  const copy = await copyProfile(profile);
  await first.next('ready');
  const second = await startSession({ profile: copy });
  await second.next('ready');
  expect(await first.next('disconnected')).toEqual(['CONFLICT']);
  expect(first.states()).toContain('CONFLICT');
  await second.client.destroy();
});

test('with takeoverOnConflict the first takes the connection back', async () => {
  const { profile } = await linkedProfile();
  const first = await startSession({ profile, takeoverOnConflict: true });
  const copy = await copyProfile(profile);
  await first.next('ready');
  const second = await startSession({ profile: copy });
  await first.nextThat('change_state', (state: string) => state === 'CONNECTED');
  expect(first.states()).toEqual(['CONFLICT', 'OPENING', 'CONNECTED']);
  expect(first.names()).not.toContain('disconnected');
  // The second lost before it was ready, so its library never hears of it.
  expect(await second.client.getState()).toBe('CONFLICT');
  expect(second.names()).not.toContain('ready');
  await first.client.destroy();
});

test('unlinked by the phone: disconnected LOGOUT, and a new QR code in the same browser', async () => {
  const { session, number } = await linkedSession();
  await sandbox.call('unlink', { params: { number }, body: {} });
  expect(await session.next('disconnected')).toEqual(['LOGOUT']);
  await session.next('qr');
  await session.kill();
});

test('unlinked while away: the next start shows a QR code', async () => {
  const { number, profile } = await linkedProfile();
  await sandbox.call('unlink', { params: { number }, body: {} });
  const session = await startSession({ profile });
  await session.next('qr');
  await session.kill();
});

test('logging out unlinks the device and tells nobody', async () => {
  const { session, number } = await linkedSession();
  await session.client.logout();
  const { devices } = await sandbox.call('getAccount', { params: { number } });
  expect(devices).toMatchObject([{ connected: false }]);
  expect(devices[0]?.unlinkedAt).not.toBeNull();
  expect(session.names()).not.toContain('disconnected');
});

test('a dropped socket is OPENING and CONNECTED again, with no second ready', async () => {
  const { session, number } = await linkedSession();
  await sandbox.call('addFault', { body: { account: number, fault: { kind: 'drop-socket' } } });
  await session.nextThat('change_state', (state: string) => state === 'CONNECTED');
  expect(session.states()).toEqual(['OPENING', 'CONNECTED']);
  expect(session.names().filter((name) => name === 'ready')).toHaveLength(1);
  const sent = (await session.client.sendMessage(FRIEND, 'still here', {
    waitUntilMsgSent: true,
  })) as library.Message;
  expect(sent.ack).toBe(1);
  await session.client.destroy();
});
