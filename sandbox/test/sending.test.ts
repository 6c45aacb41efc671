import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import library from 'whatsapp-web.js';
import type { Session } from './support/session.ts';
import { closeAll, ledgerLines, linkedSession, sandbox, until } from './support/world.ts';

const FRIEND = '4915700000000@c.us';

let session: Session;
let number: string;

beforeAll(async () => {
  ({ session, number } = await linkedSession());
});
afterAll(closeAll);

const ackTo = (id: string, level: number) =>
  session.nextThat(
    'message_ack',
    (message: library.Message, ack: number) => message.id.id === id && ack === level,
  );

const entriesOf = (id: string) => sandbox.call('ledger', { query: { account: number, id } });

test('a text resolves with ack 0 and rises through 1, 2 and 3, each with its event', async () => {
  const sent = await session.client.sendMessage(FRIEND, 'good morning');
  expect(sent).toMatchObject({ ack: 0, body: 'good morning', fromMe: true, to: FRIEND, type: 'chat' });
  for (const level of [1, 2, 3]) await ackTo(sent.id.id, level);
  const kinds = (await entriesOf(sent.id.id)).map(({ kind }) => kind);
  expect(kinds).toEqual(['submitted', 'accepted', 'delivered', 'read']);
});

test('message_create comes before the promise resolves', async () => {
  let created = false;
  session.client.once('message_create', () => {
    created = true;
  });
  await session.client.sendMessage(FRIEND, 'order of things');
  expect(created).toBe(true);
});

test('waitUntilMsgSent resolves once the server has the message', async () => {
  const sent = await session.client.sendMessage(FRIEND, 'wait for it', { waitUntilMsgSent: true });
  expect(sent.ack).toBe(1);
});

test('messages of a chat are delivered in the order in which they were sent', async () => {
  const texts = Array.from({ length: 10 }, (_, index) => `in order ${index}`);
  for (const text of texts) await session.client.sendMessage(FRIEND, text);
  const delivered = await until('all are delivered', async () => {
    const entries = await sandbox.call('ledger', { query: { account: number, kind: 'delivered' } });
    const found = entries.map(({ detail }) => detail).filter((detail) => detail?.startsWith('in order'));
    return found.length === 10 && found;
  });
  expect(delivered).toEqual(texts);
});

test('the same id given twice is delivered once', async () => {
  const pin = `window.require('WAWebMsgKey').newId = async () => '3EB0PINNED00000000AAAA'`;
  await session.evaluate(
    `(() => { const M = window.require('WAWebMsgKey'); M.newIdBefore = M.newId; ${pin}; })()`,
  );
  const sent = await session.client.sendMessage(FRIEND, 'pinned', { waitUntilMsgSent: true });
  expect(sent.id.id).toBe('3EB0PINNED00000000AAAA');
  await session.client.sendMessage(FRIEND, 'pinned');
  await session.evaluate(
    `(() => { const M = window.require('WAWebMsgKey'); M.newId = M.newIdBefore; delete M.newIdBefore; })()`,
  );
  await until('the second copy was seen', async () =>
    (await entriesOf('3EB0PINNED00000000AAAA')).some(({ kind }) => kind === 'deduplicated'),
  );
  const delivered = (await entriesOf('3EB0PINNED00000000AAAA')).filter(({ kind }) => kind === 'delivered');
  expect(delivered).toHaveLength(1);
});

test('a reply carries what it answers', async () => {
  const first = await session.client.sendMessage(FRIEND, 'what time is it?');
  const reply = await first.reply('late');
  expect(reply.hasQuotedMsg).toBe(true);
  const quoted = await reply.getQuotedMessage();
  expect(quoted).toMatchObject({ body: 'what time is it?', id: { id: first.id.id } });
  const [stored] = await sandbox.call('listMessages', {
    params: { number, chat: FRIEND },
    query: { limit: 1 },
  });
  expect(stored).toMatchObject({ id: reply.id.id, quote: { id: first.id.id } });
});

test('a reaction is sent, seen as an event, listed, and taken back', async () => {
  const sent = await session.client.sendMessage(FRIEND, 'react to me', { waitUntilMsgSent: true });
  await sent.react('👍');
  const [reaction] = (await session.next('message_reaction')) as [library.Reaction];
  expect(reaction).toMatchObject({ reaction: '👍', senderId: `${number}@c.us`, msgId: { id: sent.id.id } });
  await sent.reload();
  expect(await sent.getReactions()).toMatchObject([{ aggregateEmoji: '👍', hasReactionByMe: true }]);
  await sent.react('');
  await session.next('message_reaction');
  await sent.reload();
  expect(sent.hasReaction).toBe(false);
});

test('a poll goes out with its options, and a vote comes back as an event', async () => {
  const poll = await session.client.sendMessage(FRIEND, new library.Poll('lunch?', ['soup', 'rice']), {
    waitUntilMsgSent: true,
  });
  expect(poll).toMatchObject({ type: 'poll_creation', pollName: 'lunch?', allowMultipleAnswers: false });
  await sandbox.call('vote', { params: { number, chat: FRIEND, id: poll.id.id }, body: { options: [1] } });
  const [vote] = (await session.next('vote_update')) as [library.PollVote];
  expect(vote).toMatchObject({ voter: { _serialized: FRIEND }, selectedOptions: [{ name: 'rice' }] });
});

test('a location and a contact card go out', async () => {
  const place = new library.Location(52.5, 13.4, { name: 'Here', address: 'A street' });
  const sentPlace = await session.client.sendMessage(FRIEND, place);
  expect(sentPlace.location).toMatchObject({ latitude: 52.5, longitude: 13.4 });
  const contact = await session.client.getContactById(FRIEND);
  const sentCard = await session.client.sendMessage(FRIEND, contact);
  expect(sentCard.vCards[0]).toContain('waid=4915700000000');
  expect((await ledgerLines(number)).filter((line) => line.startsWith('delivered')).slice(-2)).toEqual([
    'delivered location 52.5,13.4',
    `delivered contacts ${contact.pushname}`,
  ]);
});

test.for([
  ['image/png', 'a.png', 'image'],
  ['video/mp4', 'b.mp4', 'video'],
  ['audio/ogg; codecs=opus', 'c.ogg', 'audio'],
  ['application/pdf', 'd.pdf', 'document'],
] as const)(
  'a file of type %s arrives with its own bytes, of a kind that fits',
  async ([mimetype, filename, type]) => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7) % 256));
    const media = new library.MessageMedia(mimetype, bytes.toString('base64'), filename);
    const sent = await session.client.sendMessage(FRIEND, media, {
      caption: `a ${type}`,
      waitUntilMsgSent: true,
    });
    expect(sent).toMatchObject({ hasMedia: true, type });
    const hash = createHash('sha256').update(bytes).digest('base64');
    const [entry] = (await entriesOf(sent.id.id)).filter(({ kind }) => kind === 'delivered');
    expect(entry?.detail).toBe(`${type} ${hash} a ${type}`);
    const back = await sent.downloadMedia();
    expect(back.data).toBe(bytes.toString('base64'));
  },
);

test('a voice message is played in the end: ack 4', async () => {
  const media = new library.MessageMedia(
    'audio/ogg; codecs=opus',
    Buffer.from('not really ogg').toString('base64'),
  );
  const sent = await session.client.sendMessage(FRIEND, media, { sendAudioAsVoice: true });
  expect(sent.type).toBe('ptt');
  await ackTo(sent.id.id, 4);
});

test('an edit changes the text here and there', async () => {
  const sent = await session.client.sendMessage(FRIEND, 'tpyo', { waitUntilMsgSent: true });
  const edited = await sent.edit('typo');
  expect(edited?.body).toBe('typo');
  const [, newBody, previous] = await session.next('message_edit');
  expect([newBody, previous]).toEqual(['typo', 'tpyo']);
  expect((await entriesOf(sent.id.id)).at(-1)).toMatchObject({ detail: 'typo' });
});

test('a message deleted for everyone is revoked here and there', async () => {
  const sent = await session.client.sendMessage(FRIEND, 'oops', { waitUntilMsgSent: true });
  await sent.delete(true);
  await session.next('message_revoke_everyone');
  const kinds = (await entriesOf(sent.id.id)).map(({ kind }) => kind);
  expect(kinds).toContain('revoked');
});

test('a message deleted here only is gone here, and the recipient keeps it', async () => {
  const sent = await session.client.sendMessage(FRIEND, 'just for me', { waitUntilMsgSent: true });
  await sent.delete(false);
  await session.next('message_revoke_me');
  expect(await session.client.getMessageById(sent.id._serialized)).toBeNull();
  expect((await entriesOf(sent.id.id)).map(({ kind }) => kind)).not.toContain('revoked');
});

test('forwarding sends a copy that says so', async () => {
  const sent = await session.client.sendMessage(FRIEND, 'pass it on', { waitUntilMsgSent: true });
  await sent.forward('4915700000001@c.us');
  const forwarded = await until('the copy is there', async () => {
    const [message] = await sandbox.call('listMessages', {
      params: { number, chat: '4915700000001@c.us' },
      query: {},
    });
    return message;
  });
  expect(forwarded).toMatchObject({ forwarded: true, content: { kind: 'text', body: 'pass it on' } });
});

test('a number is looked up: known ones have an id, those of prefix 999 have not', async () => {
  expect(await session.client.getNumberId('4915799999999')).toMatchObject({
    _serialized: '4915799999999@c.us',
  });
  expect(await session.client.getNumberId('99915799999')).toBeNull();
});

test('sending to a number without WhatsApp resolves with nothing and leaves no trace', async () => {
  expect(await session.client.sendMessage('99915799999@c.us', 'hello?')).toBeUndefined();
  const entries = await sandbox.call('ledger', { query: { account: number, chat: '99915799999@c.us' } });
  expect(entries).toEqual([]);
});

test('a group is made, written to, and named among the chats', async () => {
  const made = await session.client.createGroup('Crew', ['4915700000000@c.us', '4915700000001@c.us']);
  if (typeof made === 'string') throw new Error(made);
  const jid = (made.gid as unknown as library.ContactId)._serialized;
  const sent = await session.client.sendMessage(jid, 'hello crew');
  expect(sent).toMatchObject({ to: jid, author: `${number}@c.us` });
  await ackTo(sent.id.id, 2);
  const chat = await session.client.getChatById(jid);
  expect(chat).toMatchObject({ name: 'Crew', isGroup: true });
  expect((chat as library.GroupChat).participants).toHaveLength(3);
});

test('accounts of one sandbox write to each other', async () => {
  const other = await linkedSession();
  await session.client.sendMessage(`${other.number}@c.us`, 'from next door');
  const [message] = (await other.session.next('message')) as [library.Message];
  expect(message).toMatchObject({ body: 'from next door', from: `${number}@c.us`, fromMe: false });
  await other.session.client.destroy();
});

test('in the end nothing was lost, doubled or moved', async () => {
  const audit = await sandbox.call('audit', { query: { account: number } });
  expect(audit.outbound).toEqual({ lost: [], duplicated: [], unexpected: [], reordered: [] });
});
