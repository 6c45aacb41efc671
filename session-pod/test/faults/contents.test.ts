import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutboundContent } from '../../src/engine/engine.ts';
import {
  closeAll,
  connectedEngine,
  type EngineUnderTest,
  FRIEND,
  kindsOf,
  linkedFolder,
  newSandbox,
  until,
} from './support/engine-under-test.ts';

/** One transparent pixel. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const vcard = (name: string): string => `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL:+4915700000001\nEND:VCARD`;

let sandbox: TestSandbox;
let session: EngineUnderTest;
let number: string;

beforeAll(async () => {
  sandbox = await newSandbox();
  const linked = await linkedFolder(sandbox);
  number = linked.number;
  session = await connectedEngine(sandbox, linked.folder);
  await writeFile(join(session.folder, 'pixel.png'), Buffer.from(PNG, 'base64'));
  await writeFile(join(session.folder, 'empty.bin'), '');
  await writeFile(join(session.folder, 'large.bin'), Buffer.alloc(40 * 1024 * 1024, 7));
});
afterAll(closeAll);

const file = (
  type: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker',
  name: string,
  mimetype: string,
): OutboundContent => ({
  type,
  path: join(session.folder, name),
  mimetype,
  filename: name,
  caption: 'words',
});

const stored = async (id: string) => {
  const messages = await sandbox.client.call('listMessages', {
    params: { number, chat: FRIEND },
    query: {},
  });
  return messages.find((message) => message.id === id)?.['content'];
};

const contents: readonly { readonly content: () => OutboundContent; readonly as: object }[] = [
  { content: () => ({ type: 'text', body: 'hi', linkPreview: true }), as: { kind: 'text', body: 'hi' } },
  {
    content: () => ({ type: 'text', body: vcard('just text'), linkPreview: false }),
    as: { kind: 'text' },
  },
  {
    content: () => file('image', 'pixel.png', 'image/png'),
    as: { kind: 'media', media: { kind: 'image', caption: 'words' } },
  },
  {
    content: () => file('document', 'pixel.png', 'image/png'),
    as: { kind: 'media', media: { kind: 'document', filename: 'pixel.png' } },
  },
  {
    content: () => file('document', 'large.bin', 'application/octet-stream'),
    as: { media: { kind: 'document', size: 40 * 1024 * 1024 } },
  },
  { content: () => file('voice', 'pixel.png', 'audio/ogg; codecs=opus'), as: { media: { kind: 'ptt' } } },
  { content: () => file('sticker', 'pixel.png', 'image/webp'), as: { media: { kind: 'sticker' } } },
  {
    content: () => ({ type: 'location', latitude: 1.5, longitude: -2, name: 'Here', address: undefined }),
    as: { kind: 'location', latitude: 1.5, longitude: -2 },
  },
  {
    content: () => ({ type: 'contacts', vcards: [vcard('One')] }),
    as: { kind: 'contacts', cards: [{ name: 'One' }] },
  },
  {
    content: () => ({ type: 'contacts', vcards: [vcard('One'), vcard('Two')] }),
    as: { kind: 'contacts', cards: [{ name: 'One' }, { name: 'Two' }] },
  },
  {
    content: () => ({ type: 'poll', question: 'Tea?', options: ['yes', 'no'], multiple: true }),
    as: { kind: 'poll' },
  },
];

test.for(contents.map((entry, index) => ({ ...entry, index })))(
  'content $index arrives as what it is, under its pinned id, once',
  async ({ content, as }) => {
    const id = session.newId();
    expect(await session.send(content(), { id })).toEqual({ kind: 'inserted', ack: expect.any(Number) });
    await until('it is delivered', async () => (await kindsOf(sandbox, number, id)).includes('delivered'));
    expect((await kindsOf(sandbox, number, id)).filter((kind) => kind === 'delivered')).toHaveLength(1);
    expect(await stored(id)).toMatchObject(as);
  },
);

test('handed over a second time, a message is only reported, not sent again', async () => {
  const id = session.newId();
  await session.send('once', { id });
  await until('it is delivered', async () => (await kindsOf(sandbox, number, id)).includes('delivered'));
  expect(await session.send('once', { id })).toMatchObject({ kind: 'inserted' });
  expect((await kindsOf(sandbox, number, id)).filter((kind) => kind === 'submitted')).toHaveLength(1);
});

test.for([
  { name: 'a number without WhatsApp', chatId: '9991234567@c.us', code: 'not_on_whatsapp' },
  {
    name: 'a group that the account never saw',
    chatId: '12345-67890@g.us',
    code: 'chat_not_found',
  },
])('to $name: refused, and nothing left', async ({ chatId, code }) => {
  const id = session.newId();
  expect(await session.send('nobody', { id, chatId })).toMatchObject({ kind: 'refused', code });
  expect(await kindsOf(sandbox, number, id)).toEqual([]);
});

test('an empty file, a missing file, and a reply to nothing are refused', async () => {
  expect(await session.send(file('image', 'empty.bin', 'image/png'))).toMatchObject({
    kind: 'refused',
    code: 'invalid_media',
  });
  expect(await session.send(file('image', 'missing.png', 'image/png'))).toMatchObject({
    kind: 'refused',
    code: 'invalid_media',
  });
  expect(
    await session.engine.send({
      chatId: FRIEND,
      id: session.newId(),
      content: { type: 'text', body: 're', linkPreview: false },
      replyTo: `true_${FRIEND}_3EB0000000000000000000`,
      mentions: [],
      deadlineMs: 5_000,
    }),
  ).toMatchObject({ kind: 'refused', code: 'quoted_message_not_found' });
  expect(
    await session.send({ type: 'reaction', messageId: `true_${FRIEND}_3EB0000000000000000000`, emoji: '👍' }),
  ).toMatchObject({ kind: 'refused', code: 'message_not_found' });
});

test('a reply and a reaction arrive', async () => {
  const id = session.newId();
  await session.send('the first', { id });
  const reply = await session.engine.send({
    chatId: FRIEND,
    id: session.newId(),
    content: { type: 'text', body: 'the answer', linkPreview: false },
    replyTo: `true_${FRIEND}_${id}`,
    mentions: [],
    deadlineMs: 5_000,
  });
  expect(reply).toMatchObject({ kind: 'inserted' });
  await until('the first has left', async () => (await kindsOf(sandbox, number, id)).includes('accepted'));
  expect(
    await session.send({ type: 'reaction', messageId: `true_${FRIEND}_${id}`, emoji: '👍' }),
  ).toMatchObject({ kind: 'inserted', ack: 1 });
  await until('it is in the ledger', async () => (await kindsOf(sandbox, number, id)).includes('reacted'));
});

test('sends handed over at once leave in order, each under its own id', async () => {
  const ids = Array.from({ length: 10 }, () => session.newId());
  const outcomes = await Promise.all(ids.map((id) => session.send(id, { id })));
  expect(outcomes.every(({ kind }) => kind === 'inserted')).toBe(true);
  await until('all are delivered', async () =>
    (await Promise.all(ids.map((id) => kindsOf(sandbox, number, id)))).every((kinds) =>
      kinds.includes('delivered'),
    ),
  );
  const ledger = await sandbox.client.call('ledger', { query: { account: number, kind: 'submitted' } });
  expect(ledger.map(({ id }) => id).filter((id) => ids.includes(id ?? ''))).toEqual(ids);
});

test('history, chats, contacts, numbers and a picture of the page', async () => {
  const history = await session.engine.history(FRIEND, 5);
  expect(history).toHaveLength(5);
  expect(history.every(({ chatId, fromMe }) => chatId === FRIEND && fromMe)).toBe(true);
  expect((await session.engine.listChats(10)).map(({ id }) => id)).toContain(FRIEND);
  expect((await session.engine.listContacts(1)).length).toBe(1);
  expect(await session.engine.resolveNumber('4915700000001')).toBe('4915700000001@c.us');
  expect(await session.engine.resolveNumber('9990000000')).toBeUndefined();
  expect([...(await session.engine.screenshot()).slice(1, 4)]).toEqual([...Buffer.from('PNG')]);
});
