import { afterAll, expect, test } from 'vitest';
import library from 'whatsapp-web.js';
import type { Session } from './support/session.ts';
import { closeAll, newAccount, newProfile, pause, sandbox, startSession } from './support/world.ts';

const FRIEND = '4915700000000@c.us';

/** Longer than the page waits before it reports what was touched. */
const REPORTED_MS = 600;

afterAll(closeAll);

/** One way through everything that the sandbox models, in a fixed order. */
async function tour(client: library.Client, number: string): Promise<void> {
  const text = await client.sendMessage(FRIEND, 'see https://example.com', { waitUntilMsgSent: true });
  await text.reply('reply');
  await text.react('👍');
  await text.reload();
  await text.getReactions();
  await text.edit('edited');
  await text.getInfo();
  await text.star();
  await text.forward('4915700000001@c.us');
  const poll = await client.sendMessage(FRIEND, new library.Poll('q', ['a', 'b']), {
    waitUntilMsgSent: true,
  });
  await poll.vote(['a']);
  await client.getPollVotes(poll.id._serialized);
  await client.sendMessage(FRIEND, new library.Location(1, 2));
  const contact = await client.getContactById(FRIEND);
  await client.sendMessage(FRIEND, contact);
  await client.sendMessage(FRIEND, [contact, contact]);
  await client.sendMessage(FRIEND, 'BEGIN:VCARD\nFN:Ada\nEND:VCARD');
  const bytes = Buffer.from('bytes').toString('base64');
  const file = await client.sendMessage(FRIEND, new library.MessageMedia('image/png', bytes, 'a.png'));
  await file.downloadMedia();
  await client.sendMessage(FRIEND, new library.MessageMedia('image/webp', bytes), {
    sendMediaAsSticker: true,
  });
  const group = await client.createGroup('Crew', [FRIEND]);
  if (typeof group === 'string') throw new Error(group);
  await client.sendMessage((group.gid as unknown as library.ContactId)._serialized, 'hello');
  const inbound = { chat: FRIEND, content: { kind: 'text', body: 'hi' } } as const;
  await sandbox.call('inject', { params: { number }, body: inbound });
  const chat = await client.getChatById(FRIEND);
  await chat.fetchMessages({ limit: 50 });
  await chat.sendStateTyping();
  await chat.archive();
  await chat.pin();
  await chat.mute();
  await chat.markUnread();
  await client.getChats();
  await client.getContacts();
  await client.getNumberId('4915799999999');
  await client.getFormattedNumber(FRIEND);
  await client.getContactLidAndPhone([FRIEND]);
  await client.getMessageById(text.id._serialized);
  await client.searchMessages('reply');
  await client.getState();
  await client.sendPresenceAvailable();
  await text.delete(true);
  await poll.delete(false);
}

/**
 * A linked client whose page was connecting for some seconds. The library uses more of the page when it has to wait
 * for the connection, and only a slow line makes it wait on every machine.
 */
async function linkedPatiently(): Promise<{ readonly session: Session; readonly number: string }> {
  const before = await sandbox.call('getTiming', {});
  await sandbox.call('setTiming', { body: { keepaliveMs: 60_000, connectTimeoutMs: 60_000 } });
  const slow = await sandbox.call('addFault', { body: { fault: { kind: 'slow-socket', ms: 2_500 } } });
  const number = await newAccount();
  const session = await startSession({ profile: await newProfile() });
  const [qr] = await session.next('qr');
  await sandbox.call('clearFault', { params: { id: slow?.id ?? '' } });
  await sandbox.call('setTiming', { body: before });
  await sandbox.call('scan', { params: { number }, body: { qr: String(qr) } });
  await session.next('ready');
  return { session, number };
}

test('the library touches the modules and properties of the committed report, no more and no less', async () => {
  const { session, number } = await linkedPatiently();
  await tour(session.client, number);
  await pause(REPORTED_MS);
  const touched = await sandbox.call('touched', { query: { account: number } });
  await session.client.destroy();
  await expect(`${JSON.stringify(touched, null, 2)}\n`).toMatchFileSnapshot('./generated/touched.json');
});
