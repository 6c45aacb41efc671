import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type library from 'whatsapp-web.js';
import type { Session } from './support/session.ts';
import { beginFault, closeAll, linkedSession, sandbox, until, within } from './support/world.ts';

const FRIEND = '4915700000000@c.us';

let session: Session;
let number: string;

beforeAll(async () => {
  ({ session, number } = await linkedSession());
  await send('the chat exists');
});
afterEach(() => sandbox.call('clearFaults', { query: { account: number } }));
afterAll(closeAll);

const send = (body: string) => session.client.sendMessage(FRIEND, body, { waitUntilMsgSent: true });

const kindsOf = async (id: string) =>
  (await sandbox.call('ledger', { query: { account: number, id } })).map(({ kind }) => kind);

const acksOf = (id: string) =>
  session.happenings
    .filter(({ event, told }) => event === 'message_ack' && (told[0] as library.Message).id.id === id)
    .map(({ told }) => told[1]);

const connected = () =>
  until('the page is connected', async () => (await session.client.getState()) === 'CONNECTED');

test('blackholed: CONNECTED at first, sends stay at ack 0, TIMEOUT later; afterwards all arrives once', async () => {
  const end = await beginFault(number, { kind: 'blackhole-socket' });
  const sent = await session.client.sendMessage(FRIEND, 'into the dark');
  expect(sent.ack).toBe(0);
  expect(await session.client.getState()).toBe('CONNECTED');
  const waiting = send('also into the dark');
  expect(await within(300, waiting)).toBe('pending');
  await session.nextThat('change_state', (state: string) => state === 'TIMEOUT');
  await end();
  await waiting;
  await until('both are delivered', async () => (await kindsOf(sent.id.id)).includes('delivered'));
  expect((await kindsOf(sent.id.id)).filter((kind) => kind === 'delivered')).toHaveLength(1);
});

test('a blackhole that ends before anyone notices costs only time', async () => {
  await connected();
  const seen = session.happenings.length;
  const end = await beginFault(number, { kind: 'blackhole-socket' });
  const sending = send('held back');
  const inbound = { chat: FRIEND, content: { kind: 'text', body: 'also held back' } } as const;
  await sandbox.call('inject', { params: { number }, body: inbound });
  expect(await within(200, sending)).toBe('pending');
  await end();
  expect((await sending).ack).toBeGreaterThanOrEqual(1);
  await session.nextThat('message', (message: library.Message) => message.body === 'also held back');
  expect(session.names().slice(seen)).not.toContain('change_state');
});

test('refused for ever: OPENING and TIMEOUT, never disconnected; sends resolve with ack 0 and leave later', async () => {
  await connected();
  const seen = session.happenings.length;
  const end = await beginFault(number, { kind: 'refuse-socket' });
  await beginFault(number, { kind: 'drop-socket' });
  await session.nextThat('change_state', (state: string) => state === 'TIMEOUT');
  const sent = await session.client.sendMessage(FRIEND, 'nobody there');
  expect(sent.ack).toBe(0);
  const connection = ['change_state', 'disconnected', 'ready'];
  const said = session.happenings.slice(seen).filter(({ event }) => connection.includes(event));
  expect(said.map(({ told }) => told[0])).toEqual(['OPENING', 'TIMEOUT']);
  await end();
  await until('it is delivered', async () => (await kindsOf(sent.id.id)).includes('delivered'));
});

test('a slow socket makes every question slow', async () => {
  await connected();
  await beginFault(number, { kind: 'slow-socket', ms: 150 });
  const start = Date.now();
  await session.client.getNumberId('4915799999999');
  expect(Date.now() - start).toBeGreaterThanOrEqual(295);
});

test('delayed acks come late, and come', async () => {
  await beginFault(number, { kind: 'delay-acks', ms: 400 });
  const start = Date.now();
  const sent = await send('late');
  expect(Date.now() - start).toBeGreaterThanOrEqual(400);
  expect(sent.ack).toBe(1);
});

test('a withheld ack 1 leaves the message in the queue; a reset of the connection sends it again, and it is deduplicated', async () => {
  const end = await beginFault(number, { kind: 'withhold-acks', acks: [1, 2, 3, 4] });
  const sent = await session.client.sendMessage(FRIEND, 'no answer');
  await until('it is delivered', async () => (await kindsOf(sent.id.id)).includes('delivered'));
  await sent.reload();
  expect(sent.ack).toBe(0);
  expect(await session.client.getState()).toBe('CONNECTED');
  await end();
  await session.client.resetState();
  await until('its ack rose', async () => {
    await sent.reload();
    return sent.ack >= 1;
  });
  expect(await kindsOf(sent.id.id)).toEqual([
    'submitted',
    'accepted',
    'delivered',
    'submitted',
    'deduplicated',
  ]);
});

test('reordered acks: read is told first, and the lower ones never after it', async () => {
  await connected();
  await beginFault(number, { kind: 'reorder-acks' });
  const sent = await send('backwards');
  await until('the server has told all', async () => (await kindsOf(sent.id.id)).includes('read'));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(acksOf(sent.id.id)).toEqual([3]);
});

test('a refused send resolves all the same, with ack -1 and its event', async () => {
  await beginFault(number, { kind: 'refuse-sends', code: '479' });
  const sent = await send('no');
  expect(sent.ack).toBe(-1);
  expect(acksOf(sent.id.id)).toEqual([-1]);
  const [, refused] = await sandbox.call('ledger', { query: { account: number, id: sent.id.id } });
  expect(refused).toMatchObject({ kind: 'refused', detail: '479' });
});

test('a fault with a number of times strikes so often and no more', async () => {
  await beginFault(number, { kind: 'refuse-sends' }, 2);
  const acks = [await send('one'), await send('two'), await send('three')].map(({ ack }) => ack);
  expect(acks).toEqual([-1, -1, 1]);
});

test('above the rate limit sends are refused with 429', async () => {
  await beginFault(number, { kind: 'rate-limit', perMinute: 2 });
  const acks = [await send('one'), await send('two'), await send('three')].map(({ ack }) => ack);
  expect(acks).toEqual([1, 1, -1]);
  const refused = await sandbox.call('ledger', { query: { account: number, kind: 'refused' } });
  expect(refused.at(-1)?.detail).toBe('429');
});

test('a message lost behind the server has ack 1 for ever, and the audit names it', async () => {
  await beginFault(number, { kind: 'lose-deliveries' });
  const sent = await send('lost in the post');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(acksOf(sent.id.id)).toEqual([1]);
  const { outbound } = await sandbox.call('audit', { query: { account: number } });
  expect(outbound.lost.map(({ key }) => key)).toEqual([sent.id.id]);
});

test('a message doubled behind the server is named by the audit', async () => {
  await beginFault(number, { kind: 'duplicate-deliveries' });
  const sent = await send('twice');
  const { outbound } = await sandbox.call('audit', { query: { account: number } });
  expect(outbound.duplicated).toEqual([
    { chat: `${number} ${FRIEND}`, key: sent.id.id, expected: 1, seen: 2 },
  ]);
});

test('without deduplication a repeated id is delivered again', async () => {
  await beginFault(number, { kind: 'no-deduplication' });
  const pin = (id: string) =>
    session.evaluate(`{
      const key = window.require('WAWebMsgKey');
      const before = key.newId;
      key.newId = async () => { key.newId = before; return '${id}'; };
    }`);
  for (let copy = 0; copy < 2; copy++) {
    await pin('3EB0REPEATED0000000000');
    await send('once more');
  }
  const kinds = await kindsOf('3EB0REPEATED0000000000');
  expect(kinds.filter((kind) => kind === 'delivered')).toHaveLength(2);
});

test('a message that left before it was stored is delivered although the call rejects', async () => {
  await beginFault(number, { kind: 'send-before-store' });
  const readwrite = 'IDBDatabase.prototype.transaction';
  await session.evaluate(`{
    window.transactionBefore = ${readwrite};
    ${readwrite} = function (stores, mode) {
      if (mode === 'readwrite') throw new DOMException('the disk is full', 'QuotaExceededError');
      return window.transactionBefore.call(this, stores, mode);
    };
  }`);
  await expect(session.client.sendMessage(FRIEND, 'rejected and delivered')).rejects.toThrow(
    'the disk is full',
  );
  await session.evaluate(`{ ${readwrite} = window.transactionBefore; }`);
  const delivered = await sandbox.call('ledger', { query: { account: number, kind: 'delivered' } });
  expect(delivered.map(({ detail }) => detail)).toContain('rejected and delivered');
});

test('a page that does not resend keeps what waits, with ack 0, also over a reconnect', async () => {
  const { session: other, number: account } = await linkedSession();
  await other.client.sendMessage(FRIEND, 'the chat exists', { waitUntilMsgSent: true });
  await beginFault(account, { kind: 'no-resend' });
  const end = await beginFault(account, { kind: 'refuse-socket' });
  await beginFault(account, { kind: 'drop-socket' });
  const waiting = await other.client.sendMessage(FRIEND, 'kept and never sent', { sendSeen: false });
  await end();
  await until('the line is back', async () => (await other.client.getState()) === 'CONNECTED');
  await other.client.sendMessage(FRIEND, 'sent afterwards', { sendSeen: false, waitUntilMsgSent: true });
  const submitted = await sandbox.call('ledger', { query: { account, kind: 'submitted' } });
  expect(submitted.map(({ detail }) => detail)).toEqual(['the chat exists', 'sent afterwards']);
  expect((await other.client.getMessageById(waiting.id._serialized)).ack).toBe(0);
  await other.client.destroy();
});

test('what comes in while the line is refused is told once it is back, once', async () => {
  await connected();
  const end = await beginFault(number, { kind: 'refuse-socket' });
  await beginFault(number, { kind: 'drop-socket' });
  const inbound = { chat: FRIEND, content: { kind: 'text', body: 'while you were out' } } as const;
  const { id } = await sandbox.call('inject', { params: { number }, body: inbound });
  await end();
  await session.nextThat('message', (message: library.Message) => message.id.id === id);
  await connected();
  const told = session.happenings.filter(
    ({ event, told: [message] }) => event === 'message' && (message as library.Message).id.id === id,
  );
  expect(told).toHaveLength(1);
});

test('however often the line drops, nothing is lost, doubled or moved in either direction', async () => {
  const { session: other, number: account } = await linkedSession();
  await other.client.sendMessage(FRIEND, 'the chat exists', { waitUntilMsgSent: true });
  const dropping = setInterval(() => void beginFault(account, { kind: 'drop-socket' }), 150);
  for (let index = 0; index < 80; index++) {
    const inbound = { chat: FRIEND, content: { kind: 'text', body: `in ${index}` } } as const;
    await Promise.all([
      other.client.sendMessage(FRIEND, `out ${index}`, { sendSeen: false }),
      sandbox.call('inject', { params: { number: account }, body: inbound }),
      new Promise((resolve) => setTimeout(resolve, 20)),
    ]);
  }
  clearInterval(dropping);
  const sound = { lost: [], duplicated: [], unexpected: [], reordered: [] };
  await until('everything has arrived', async () => {
    const delivered = await sandbox.call('ledger', { query: { account, kind: 'delivered' } });
    const received = await sandbox.call('ledger', { query: { account, kind: 'received' } });
    return delivered.length >= 81 && received.length >= 80;
  });
  expect(await sandbox.call('audit', { query: { account } })).toEqual({ outbound: sound, inbound: sound });
  const delivered = await sandbox.call('ledger', { query: { account, kind: 'delivered' } });
  expect(delivered.slice(1).map(({ detail }) => detail)).toEqual(
    Array.from({ length: 80 }, (_, index) => `out ${index}`),
  );
  await other.client.destroy();
});
