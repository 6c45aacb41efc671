import { afterAll, beforeAll, expect, test } from 'vitest';
import type library from 'whatsapp-web.js';
import type { RouteInput } from '../src/control/contract.ts';
import type { Session } from './support/session.ts';
import { closeAll, linkedSession, sandbox, until } from './support/world.ts';

const FRIEND = '4915700000000@c.us';

let session: Session;
let number: string;

beforeAll(async () => {
  ({ session, number } = await linkedSession());
});
afterAll(closeAll);

type Content = RouteInput<'inject'>['body']['content'];

const inject = (content: Content, rest: Partial<RouteInput<'inject'>['body']> = {}) =>
  sandbox.call('inject', { params: { number }, body: { chat: FRIEND, content, ...rest } });

const nextMessage = async () => (await session.next('message'))[0] as library.Message;

test('a text comes as message_create, message and unread_count, and is acknowledged in the ledger', async () => {
  const { id } = await inject({ kind: 'text', body: 'hello there' });
  await session.next('message_create');
  const message = await nextMessage();
  expect(message).toMatchObject({ body: 'hello there', from: FRIEND, fromMe: false, type: 'chat' });
  expect(message.id.id).toBe(id);
  const [chat] = (await session.next('unread_count')) as [library.Chat];
  expect(chat.unreadCount).toBe(1);
  await until('it is acknowledged', async () => {
    const entries = await sandbox.call('ledger', { query: { account: number, id } });
    return entries.map(({ kind }) => kind).join() === 'injected,received';
  });
});

test.for<readonly [string, Content, object]>([
  [
    'location',
    { kind: 'location', latitude: 1.5, longitude: 2.5, description: 'A place' },
    { type: 'location', location: { latitude: 1.5, longitude: 2.5, name: 'A place' } },
  ],
  [
    'contact card',
    { kind: 'contacts', cards: [{ name: 'Ada', vcard: 'BEGIN:VCARD\nFN:Ada\nEND:VCARD' }] },
    { type: 'vcard', vCards: ['BEGIN:VCARD\nFN:Ada\nEND:VCARD'] },
  ],
  [
    'list of contact cards',
    {
      kind: 'contacts',
      cards: [
        { name: 'Ada', vcard: 'BEGIN:VCARD\nFN:Ada\nEND:VCARD' },
        { name: 'Ben', vcard: 'BEGIN:VCARD\nFN:Ben\nEND:VCARD' },
      ],
    },
    { type: 'multi_vcard' },
  ],
  [
    'poll',
    { kind: 'poll', name: 'when?', options: ['now', 'later'], selectable: 0 },
    { type: 'poll_creation', pollName: 'when?', allowMultipleAnswers: true },
  ],
])('a %s comes in', async ([, content, expected]) => {
  await inject(content);
  expect(await nextMessage()).toMatchObject(expected);
});

test('a picture comes in and downloads with its own bytes', async () => {
  const data = Buffer.from('these are the bytes of a picture').toString('base64');
  await inject({ kind: 'media', mimetype: 'image/jpeg', data, caption: 'look' });
  const message = await nextMessage();
  expect(message).toMatchObject({ hasMedia: true, type: 'image', body: 'look' });
  expect(await message.downloadMedia()).toMatchObject({ data, mimetype: 'image/jpeg' });
});

test('a reply says what it answers', async () => {
  const sent = await session.client.sendMessage(FRIEND, 'question?', { waitUntilMsgSent: true });
  await inject({ kind: 'text', body: 'answer!' }, { replyTo: sent.id.id });
  const message = await nextMessage();
  expect(message.hasQuotedMsg).toBe(true);
  expect((await message.getQuotedMessage()).id.id).toBe(sent.id.id);
});

test('someone reacts to a message of ours', async () => {
  const sent = await session.client.sendMessage(FRIEND, 'nice, is it not?', { waitUntilMsgSent: true });
  await sandbox.call('react', { params: { number, chat: FRIEND, id: sent.id.id }, body: { emoji: '❤️' } });
  const [reaction] = (await session.next('message_reaction')) as [library.Reaction];
  expect(reaction).toMatchObject({ reaction: '❤️', senderId: FRIEND, msgId: { id: sent.id.id } });
});

test('someone edits and then deletes what they wrote', async () => {
  const { id } = await inject({ kind: 'text', body: 'frist' });
  await nextMessage();
  const params = { number, chat: FRIEND, id };
  await sandbox.call('edit', { params, body: { body: 'first' } });
  const [, newBody, previous] = await session.next('message_edit');
  expect([newBody, previous]).toEqual(['first', 'frist']);
  await sandbox.call('revoke', { params, body: {} });
  const [revoked] = (await session.next('message_revoke_everyone')) as [library.Message];
  expect(revoked.id.id).toBe(id);
});

test('a message in a group names its author', async () => {
  const group = await sandbox.call('createGroup', {
    params: { number },
    body: { subject: 'Team', participants: [FRIEND] },
  });
  await inject({ kind: 'text', body: 'hi all' }, { chat: group.jid, author: FRIEND });
  const message = await nextMessage();
  expect(message).toMatchObject({ from: group.jid, author: FRIEND, body: 'hi all' });
  expect(message.id._serialized).toBe(`false_${group.jid}_${message.id.id}_${FRIEND}`);
});

test('what the owner writes on the phone appears as a message of our own', async () => {
  await inject({ kind: 'text', body: 'from my phone' }, { author: `${number}@c.us` });
  const [message] = (await session.nextThat(
    'message_create',
    (created: library.Message) => created.body === 'from my phone',
  )) as [library.Message];
  expect(message.fromMe).toBe(true);
});

test('reading a chat empties its unread count', async () => {
  await inject({ kind: 'text', body: 'read me' });
  await nextMessage();
  await session.client.sendSeen(FRIEND);
  const chat = await session.client.getChatById(FRIEND);
  expect(chat.unreadCount).toBe(0);
  await until('the server knows', async () => {
    const chats = await sandbox.call('listChats', { params: { number } });
    return chats.find(({ jid }) => jid === FRIEND)?.unread === 0;
  });
});

test('two hundred messages come in once each and in order', async () => {
  const texts = Array.from({ length: 200 }, (_, index) => `flood ${index}`);
  for (const body of texts) await inject({ kind: 'text', body });
  const received: string[] = [];
  while (received.length < texts.length) {
    const { body } = await nextMessage();
    if (body.startsWith('flood')) received.push(body);
  }
  expect(received).toEqual(texts);
});
