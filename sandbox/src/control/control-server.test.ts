import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestSandbox, type TestSandbox } from '../testing.ts';

const NUMBER = '491510000001';
const FRIEND = '4915700000000@c.us';
const params = { number: NUMBER };

const running: TestSandbox[] = [];
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.stop();
});

async function start() {
  const sandbox = await startTestSandbox();
  running.push(sandbox);
  return sandbox;
}

const text = (body: string) => ({ chat: FRIEND, content: { kind: 'text', body } }) as const;
const png = { kind: 'media', mimetype: 'image/png', data: Buffer.from('bytes').toString('base64') } as const;

/** Reads the push feed until an event fits; throws when the feed ends before. */
async function eventsUntil(
  events: AsyncGenerator<{ readonly kind: string }>,
  last: (event: { readonly kind: string }) => boolean,
) {
  const kinds: string[] = [];
  for await (const event of events) {
    kinds.push(event.kind);
    if (last(event)) return kinds;
  }
  throw new Error(`the feed ended after ${kinds.join()}`);
}

test('the push feed says hello, and what happens from then on', async () => {
  const { client } = await start();
  const events = client.events(NUMBER);
  expect(await events.next()).toMatchObject({ value: { kind: 'hello', ledger: 0 } });
  await client.call('inject', { params, body: text('hi') });
  await client.call('addFault', { body: { fault: { kind: 'reorder-acks' } } });
  const kinds = await eventsUntil(events, ({ kind }) => kind === 'faults');
  expect(kinds).toEqual(['message', 'chat', 'ledger', 'faults']);
});

test('an account, a group, an edit and a reaction are told of as they are afterwards', async () => {
  const { client } = await start();
  const events = client.events();
  await events.next();
  const { id } = await client.call('inject', { params, body: text('hi') });
  const target = { params: { number: NUMBER, chat: FRIEND, id } };
  await client.call('edit', { ...target, body: { body: 'edited' } });
  await client.call('react', { ...target, body: { emoji: '👍' } });
  for await (const event of events) {
    if (event.kind === 'message' && event.message.reactions?.length === 1) {
      expect(event.message).toMatchObject({ content: { body: 'edited' }, reactions: [{ emoji: '👍' }] });
      break;
    }
  }
  const again = client.events();
  await again.next();
  await client.call('createAccount', { body: { number: '4915110000009' } });
  expect(await again.next()).toMatchObject({
    value: { kind: 'account', account: { number: '4915110000009', devices: [] } },
  });
});

test('a new group is told of before anybody has written in it', async () => {
  const { client } = await start();
  const events = client.events();
  await events.next();
  const group = await client.call('createGroup', {
    params,
    body: { subject: 'Crew', participants: [FRIEND] },
  });
  for await (const event of events) {
    if (event.kind !== 'group') continue;
    expect(event.group).toEqual(group);
    break;
  }
});

test('pages that come and go, and links that are made, are told of', async () => {
  const { client, webPort } = await start();
  const events = client.events();
  await events.next();
  const next = async (kind: string) => {
    for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => events.next() }) }) {
      if (event.kind === kind) return event;
    }
    throw new Error('the feed ended');
  };
  const socket = new WebSocket(`wss://127.0.0.1:${webPort}/`, { rejectUnauthorized: false });
  await once(socket, 'open');
  const keys = { staticKey: 'a', identityKey: 'b', advSecret: 'c', platform: '1' };
  socket.send(JSON.stringify({ t: 'hello', registration: null, keys, browser: 'Test' }));
  const shown = await next('links');
  expect(shown).toMatchObject({ links: [{ browser: 'Test', qr: expect.stringMatching(/,a,b,c,1$/) }] });
  const [link] = await client.call('pendingLinks', {});
  await client.call('scan', { params, body: { qr: link?.qr ?? '' } });
  expect(await next('account')).toMatchObject({
    account: { devices: [{ browser: 'Test', connected: false }] },
  });
  socket.close();
  expect(await next('links')).toMatchObject({ links: [] });
});

test('a watcher that leaves is forgotten, and one of an unknown sort of account is refused', async () => {
  const { client } = await start();
  const leave = new AbortController();
  const events = client.events(undefined, leave.signal);
  await events.next();
  leave.abort();
  await expect(events.next()).rejects.toThrow(/abort/i);
  await client.call('inject', { params, body: text('nobody listens') });
  await expect(client.events('12').next()).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('stopping the sandbox ends the feed', async () => {
  const sandbox = await start();
  const events = sandbox.client.events();
  await events.next();
  const ended = events.next().then(
    ({ done }) => done,
    () => true,
  );
  await sandbox.stop();
  running.length = 0;
  expect(await ended).toBe(true);
});

test('a file comes back byte for byte, under a type that runs nothing', async () => {
  const { client, controlUrl } = await start();
  const { content } = await client.call('inject', { params, body: { chat: FRIEND, content: png } });
  const hash = content.kind === 'media' ? (content.media.directPath.split('/').at(-1) ?? '') : '';
  expect(Buffer.from(await client.call('media', { params: { hash } })).toString()).toBe('bytes');
  const picture = await fetch(`${controlUrl}/media/${hash}?type=image/png`);
  expect(picture.headers.get('content-type')).toBe('image/png');
  const page = await fetch(`${controlUrl}/media/${hash}?type=text/html`);
  expect(page.headers.get('content-type')).toBe('application/octet-stream');
  expect(page.headers.get('content-disposition')).toBe('attachment');
  expect(page.headers.get('content-security-policy')).toContain('sandbox');
});

test('a file that is not there is unknown, and a hash that is none is refused', async () => {
  const { client } = await start();
  await expect(client.call('media', { params: { hash: 'ab'.repeat(32) } })).rejects.toMatchObject({
    status: 404,
    code: 'MEDIA_UNKNOWN',
  });
  await expect(client.call('media', { params: { hash: '../sandbox.sqlite' } })).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  });
});

test('chats come with their last message; the address book and the groups can be read', async () => {
  const { client } = await start();
  const contacts = await client.call('listContacts', { params });
  expect(contacts.map(({ jid }) => jid)).toEqual([
    '4915700000000@c.us',
    '4915700000001@c.us',
    '4915700000002@c.us',
  ]);
  const body = { subject: 'Crew', participants: [FRIEND] };
  const group = await client.call('createGroup', { params, body });
  expect(await client.call('listGroups', { params })).toEqual([group]);
  await client.call('inject', { params, body: text('first') });
  await client.call('inject', { params, body: text('last') });
  expect(await client.call('listChats', { params })).toMatchObject([
    { jid: FRIEND, unread: 2, last: { content: { body: 'last' } } },
  ]);
});

test('the latest of the ledger are given in their order', async () => {
  const { client } = await start();
  for (const body of ['one', 'two', 'three']) await client.call('inject', { params, body: text(body) });
  const latest = await client.call('ledger', { query: { account: NUMBER, last: 2 } });
  expect(latest.map(({ detail }) => detail)).toEqual(['two', 'three']);
});

test.for([
  ['of another origin is refused', 'http://elsewhere.example', 403],
  ['that hides its origin is refused', 'null', 403],
  ['of its own page is answered', undefined, 200],
] as const)('a change %s', async ([, origin, status]) => {
  const { controlUrl } = await start();
  const response = await fetch(`${controlUrl}/accounts`, {
    method: 'POST',
    headers: { origin: origin ?? controlUrl },
    body: JSON.stringify({ number: '4915110000009' }),
  });
  expect(response.status).toBe(status);
});

test('a path that cannot be decoded is refused with a code', async () => {
  const { controlUrl } = await start();
  const status = await new Promise((resolve) => {
    request(`${controlUrl}/accounts/%E0%A4%A`, (response) => {
      resolve(response.statusCode);
      response.resume();
    }).end();
  });
  expect(status).toBe(400);
});
