import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type library from 'whatsapp-web.js';
import type { Session } from '../support/session.ts';
import { closeAll, newAccount, newProfile, sandbox, startSession, until } from '../support/world.ts';
import { PhonePageDriver } from './driver.ts';

const FRIEND = '4915700000000@c.us';

/** One white pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==',
  'base64',
);

let folder: string;
let phone: PhonePageDriver;
let number: string;
let session: Session;
let friend: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phone-page-'));
  phone = await PhonePageDriver.open(inject('controlUrl'));
  await phone.resize(1440, 900);
  number = await newAccount();
  const contacts = await sandbox.call('listContacts', { params: { number } });
  friend = contacts.find(({ jid }) => jid === FRIEND)?.name ?? '';
});
afterAll(async () => {
  await phone.close();
  await closeAll();
  await rm(folder, { recursive: true });
});

const chatWithFriend = () => `#/${number}/chats/${encodeURIComponent(FRIEND)}`;

test('one click scans the QR code that a page shows, and the device appears as linked', async () => {
  await phone.go(`#/${number}/devices`);
  session = await startSession({ profile: await newProfile() });
  await phone.click('button', 'Scan this code');
  await session.next('ready');
  await phone.says('.device', 'Connected, linked');
  await phone.saysNoMore('.waiting', 'Scan this code');
});

test('what the linked device sends appears by itself, and its ticks move', async () => {
  await phone.go(chatWithFriend());
  await sandbox.call('setTiming', { body: { serverMs: 700, deviceMs: 700, readMs: 700 } });
  try {
    await session.client.sendMessage(FRIEND, 'from the *bot*');
    const ticks = await phone.watchTicks('from the bot');
    const said = await until('it is read', async () => {
      const words = await ticks();
      return words.includes('read') && words;
    });
    expect(said).toEqual(['waiting for the server', 'sent', 'delivered', 'read']);
  } finally {
    await sandbox.call('setTiming', { body: { serverMs: 10, deviceMs: 30, readMs: 40 } });
  }
  await phone.says('.message strong', 'bot');
});

test('the person answers it as the friend, by keyboard, and the library hears the reply', async () => {
  await phone.says('.message', 'from the bot');
  await phone.click('button', 'Actions for: from the *bot*');
  await phone.click('button', 'Reply');
  await phone.says('.composer .about', 'Answer to You');
  await phone.page.waitForSelector('.composer textarea:focus');
  await phone.page.keyboard.type('an answer');
  await phone.page.keyboard.press('Enter');
  const [message] = (await session.next('message')) as [library.Message];
  expect(message).toMatchObject({ body: 'an answer', from: FRIEND, hasQuotedMsg: true });
  expect((await message.getQuotedMessage()).body).toBe('from the *bot*');
  const bubble = await phone.says('.message', 'an answer');
  expect(await bubble.$eval('.quote', (quote) => quote.textContent)).toContain('from the *bot*');
});

test('written as the owner of the phone, it is a message of the account itself', async () => {
  await phone.choose('Write as', `${number}@c.us`);
  await phone.fill('Message', 'from my own phone');
  await phone.click('button', 'Send');
  const [message] = (await session.nextThat(
    'message_create',
    (created: library.Message) => created.body === 'from my own phone',
  )) as [library.Message];
  expect(message.fromMe).toBe(true);
  await phone.choose('Write as', FRIEND);
});

test('a reaction of the person reaches the library, and can be taken back', async () => {
  const react = async () => {
    await phone.click('button', 'Actions for: from the *bot*');
    await phone.click('button', 'React with 👍');
  };
  await react();
  const [first] = (await session.next('message_reaction')) as [library.Reaction];
  expect(first).toMatchObject({ reaction: '👍', senderId: FRIEND });
  await phone.says('.given', '👍');
  await react();
  const [second] = (await session.next('message_reaction')) as [library.Reaction];
  expect(second.reaction).toBe('');
  await phone.saysNoMore('.given', '👍');
});

test('a picture is sent with its caption, arrives byte for byte, and is shown', async () => {
  const file = join(folder, 'pixel.png');
  await writeFile(file, PNG);
  await phone.upload('File to send', file);
  await phone.fill('Caption', 'look at this');
  await phone.click('button', 'Send');
  const [message] = (await session.nextThat('message', ({ hasMedia }: library.Message) => hasMedia)) as [
    library.Message,
  ];
  expect(message.body).toBe('look at this');
  expect((await message.downloadMedia()).data).toBe(PNG.toString('base64'));
  const bubble = await phone.says('.message', 'look at this');
  await until('the picture is shown', () =>
    bubble.$eval('img', (picture) => (picture as HTMLImageElement).naturalWidth === 1),
  );
});

test('edits and deletions of either side are seen at once', async () => {
  await phone.click('button', 'Actions for: an answer');
  await phone.click('button', 'Edit, as its author');
  await phone.fill('Message', 'a better answer');
  await phone.click('button', 'Save');
  await phone.says('.message', 'a better answer');
  await session.next('message_edit');
  const sent = await session.client.sendMessage(FRIEND, 'a mistake', { waitUntilMsgSent: true });
  await phone.says('.message', 'a mistake');
  await sent.delete(true);
  await phone.saysNoMore('.message', 'a mistake');
  await phone.says('.message', 'This message was deleted');
});

test('a vote in a poll of the device is counted and told', async () => {
  const { Poll } = (await import('whatsapp-web.js')).default;
  await session.client.sendMessage(FRIEND, new Poll('when?', ['now', 'later']), { waitUntilMsgSent: true });
  await phone.says('.poll', 'when?');
  const option = await phone.says('.poll button', 'later');
  await option.click();
  await session.nextThat(
    'vote_update',
    ({ selectedOptions }: library.PollVote) => selectedOptions.length === 1,
  );
  await phone.page.waitForSelector('.poll button[aria-pressed="true"]');
});

test('a group is made and a member writes in it', async () => {
  await phone.click('button', 'New group');
  await phone.fill('Subject', 'Warehouse crew');
  await phone.click('button', 'Create group');
  await phone.says('.conversation h2', 'Warehouse crew');
  await phone.choose('Write as', FRIEND);
  await phone.fill('Message', 'the van is here');
  await phone.page.keyboard.press('Enter');
  const [message] = (await session.nextThat(
    'message',
    ({ body }: library.Message) => body === 'the van is here',
  )) as [library.Message];
  expect(message.author).toBe(FRIEND);
  expect(message.from).toMatch(/@g\.us$/);
  await phone.says('.message[data-mine="false"] .author', friend);
});

test('a fault is begun, seen in the acks, and cleared', async () => {
  await phone.go(chatWithFriend());
  await phone.click('link', 'Faults');
  await phone.choose('Fault', 'withhold-acks');
  await phone.click('button', 'Begin');
  await phone.says('.standing', 'Withhold acks');
  await session.client.sendMessage(FRIEND, 'one tick only', { waitUntilMsgSent: true });
  const ticks = await phone.watchTicks('one tick only');
  await until('the server has it', async () => (await ticks()).includes('sent'));
  await phone.click('button', 'Clear Withhold acks');
  await phone.says('.panel', 'None: everything works.');
  expect((await ticks()).at(-1)).toBe('sent');
});

test('a fault that happens at once is felt by the library', async () => {
  await phone.choose('Fault', 'drop-socket');
  await phone.click('button', 'Do it now');
  await session.nextThat('change_state', (state: string) => state === 'OPENING');
  await session.nextThat('change_state', (state: string) => state === 'CONNECTED');
});

test('the ledger is in view, and its audit names a loss that was planted', async () => {
  await phone.click('link', 'Ledger');
  await phone.says('.verdict[data-sound="true"]', 'From devices to people');
  await sandbox.call('addFault', { body: { account: number, fault: { kind: 'lose-deliveries' }, times: 1 } });
  await session.client.sendMessage(FRIEND, 'never arrives', { waitUntilMsgSent: true });
  await phone.says('.verdict[data-sound="false"]', '1 lost');
  await phone.says('.ledger tr', 'never arrives');
});

test('what it shows is pushed: while nothing happens it asks for nothing', async () => {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = phone.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(phone.requests.slice(before)).toEqual([]);
});

test('unlinking is one click, and the library is logged out', async () => {
  await phone.go(`#/${number}/devices`);
  const unlink = await phone.says('.device button', 'Unlink');
  await unlink.click();
  expect(await session.next('disconnected')).toEqual(['LOGOUT']);
  await session.next('qr');
});

test('a QR code is scanned from its picture', async () => {
  const code = await phone.page.waitForSelector('svg.qr');
  const file = join(folder, 'qr.png');
  await code?.screenshot({ path: file as `${string}.png` });
  await phone.upload('Picture of a QR code', file);
  await session.next('ready');
  await phone.says('.device', 'Connected, linked');
});

test('a picture without a QR code, and a text that is none, are refused in words', async () => {
  const file = join(folder, 'pixel.png');
  await phone.upload('Picture of a QR code', file);
  await phone.says('.notices', 'No QR code was found in this picture.');
  await phone.fill('Text of a QR code', 'nonsense');
  await phone.click('button', 'Scan');
  await phone.says('.notices', 'this is not the text of a WhatsApp QR code');
});

test('a QR code is scanned from its text, and a pairing code is entered', async () => {
  const [byText, byCode] = [await newAccount(), await newAccount()];
  const first = await startSession({ profile: await newProfile() });
  const [qr] = await first.next('qr');
  await phone.go(`#/${byText}/devices`);
  await phone.fill('Text of a QR code', String(qr));
  await phone.click('button', 'Scan');
  await first.next('ready');

  const second = await startSession({ profile: await newProfile(), phone: byCode });
  const [code] = await second.next('code');
  await phone.go(`#/${byCode}/devices`);
  await phone.says('.pairing', `${String(code).slice(0, 4)}-${String(code).slice(4)}`);
  await phone.fill('Pairing code', `${String(code).slice(0, 4)}-${String(code).slice(4).toLowerCase()}`);
  await phone.click('button', 'Enter');
  await second.next('ready');
  await first.client.destroy();
  await second.client.destroy();
});

test('in all of that it broke no rule of its policy and called nobody else', async () => {
  // The two refusals above are answers with 400, which the browser reports.
  const own = phone.troubles.filter(({ what }) => !what.includes('400 (Bad Request)'));
  expect(own).toEqual([]);
});
