import { afterAll, beforeAll, expect, it } from 'vitest';
import { aMessage, ScriptedPage } from '../inbox/testing/scripted-page.ts';
import { KEY, startTestPod, type TestPod } from './testing/test-pod.ts';

const ALICE = '5511911111111@c.us';

let pod: TestPod;
const page = new ScriptedPage();
beforeAll(async () => {
  pod = await startTestPod({ INBOX_HISTORY: '8760h', INBOX_RECONCILE_INTERVAL: '1s' }, page);
  pod.engine.connect();
});
afterAll(() => pod.remove());

let count = 0;
const arrive = (different = {}) => {
  const message = aMessage(ALICE, ++count, { timestamp: Date.now(), ...different });
  page.add(message);
  return message;
};

const list = async (query: string) => (await pod.call('GET', `/api/v1/events?${query}`)).body;
const lastId = async () => (await list('limit=1000')).next as number;

/** The stream's text until it holds what is looked for. */
async function streamUntil(
  path: string,
  holds: (text: string) => boolean,
  headers: Record<string, string> = {},
): Promise<string> {
  const ending = new AbortController();
  const response = await fetch(`${pod.url}${path}`, {
    headers: { 'x-api-key': KEY, ...headers },
    signal: ending.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (holds(text)) break;
  }
  ending.abort();
  return text;
}

it('a cursor misses nothing and sees nothing twice', async () => {
  const before = await lastId();
  for (let n = 0; n < 5; n++) arrive();
  await expect.poll(async () => (await list(`after=${before}`)).events.length, { timeout: 10_000 }).toBe(5);
  const first = await list(`after=${before}&limit=2`);
  const second = await list(`after=${first.next}&limit=100`);
  const ids = [...first.events, ...second.events].map(({ id }: { id: number }) => id);
  expect(ids).toEqual([1, 2, 3, 4, 5].map((n) => before + n));
  expect((await list(`after=${second.next}`)).events).toEqual([]);
});

it('waits for an event, and not longer', async () => {
  const before = await lastId();
  const waiting = list(`after=${before}&wait=30`);
  setTimeout(() => arrive(), 50);
  expect((await waiting).events.length).toBe(1);
  const began = Date.now();
  expect((await list(`after=${before + 1}&wait=0.3`)).events).toEqual([]);
  expect(Date.now() - began).toBeGreaterThanOrEqual(250);
});

it('filters by type, and moves on over what is left out', async () => {
  const before = await lastId();
  pod.engine.become('Disconnected', 'socket_lost');
  pod.engine.connect();
  arrive();
  await expect
    .poll(async () => (await list(`after=${before}&types=message`)).events.length, { timeout: 10_000 })
    .toBe(1);
  expect((await list(`after=${before}&types=message.any`)).events.length).toBe(1);
  const states = await list(`after=${before}&types=session.status`);
  expect(states.events.map(({ payload }: { payload: { state: string } }) => payload.state)).toEqual([
    'Disconnected',
    'Connected',
  ]);
  expect((await pod.call('GET', '/api/v1/events?types=nonsense')).status).toBe(400);
});

it('streams, and a client that comes back gets what it missed', async () => {
  const before = await lastId();
  arrive();
  const first = await streamUntil(`/api/v1/events/stream?after=${before}`, (text) =>
    text.includes('event: message'),
  );
  expect(first).toContain(`id: ${before + 1}\n`);
  arrive();
  arrive();
  const second = await streamUntil('/api/v1/events/stream', (text) => text.includes(`id: ${before + 3}\n`), {
    'last-event-id': String(before + 1),
  });
  expect(second).not.toContain(`id: ${before + 1}\n`);
  expect(second).toContain(`id: ${before + 2}\n`);
});

it('gives the file of a message, and says why not', async () => {
  const media = { mimetype: 'image/jpeg', filename: 'pho"to.jpg', size: 5 };
  const withFile = arrive({ type: 'image', hasMedia: true, media });
  page.files.set(withFile.id, Buffer.from('bytes'));
  const gone = arrive({ type: 'image', hasMedia: true, media });
  const large = arrive({ type: 'image', hasMedia: true, media: { ...media, size: 2 ** 40 } });
  const eventOf = async (id: string) => {
    const { events } = await list('limit=1000&types=message');
    return (events as { id: number; payload: { id: string } }[]).find(({ payload }) => payload.id === id)?.id;
  };
  await expect.poll(() => eventOf(large.id), { timeout: 10_000 }).toBeDefined();
  const answer = await pod.call('GET', `/api/v1/events/${await eventOf(withFile.id)}/media`);
  expect([answer.status, String(answer.body)]).toEqual([200, 'bytes']);
  expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''pho%22to.jpg");
  const code = async (path: string) => (await pod.call('GET', path)).body.code;
  expect(await code(`/api/v1/events/${await eventOf(gone.id)}/media`)).toBe('media_gone');
  expect(await code(`/api/v1/events/${await eventOf(large.id)}/media`)).toBe('media_too_large');
  expect(await code('/api/v1/events/1/media')).toBe('event_not_found');
});

it('the accounts add up', async () => {
  await pod.call('POST', '/api/v1/messages', { to: ALICE, content: { type: 'text', text: 'hello' } });
  const { status, body } = await pod.call('GET', '/api/v1/stats');
  expect(status).toBe(200);
  expect(body).toMatchObject({ balanced: true, outbox: { accepted: 1 } });
  expect(body.events.byType.message).toBe(count);
});

it('webhooks are made, changed, listed and ended, and their keys are never told', async () => {
  const wish = { id: 'crm', url: 'https://example.com/in', secrets: ['a-secret-of-16-chars-or-more'] };
  const made = await pod.call('POST', '/api/v1/webhooks', wish);
  expect([made.status, made.body.secrets, made.body.source]).toEqual([201, 1, 'api']);
  expect((await pod.call('POST', '/api/v1/webhooks', wish)).body.code).toBe('webhook_exists');
  expect((await pod.call('POST', '/api/v1/webhooks', { id: 'x', url: 'http://10.0.0.1/' })).body.code).toBe(
    'webhook_url_refused',
  );
  const changed = await pod.call('PATCH', '/api/v1/webhooks/crm', { enabled: false, events: ['message'] });
  expect(changed.body).toMatchObject({ enabled: false, events: ['message'] });
  const listed = await pod.call('GET', '/api/v1/webhooks');
  expect(listed.body.webhooks.length).toBe(1);
  expect(JSON.stringify(listed.body)).not.toContain('a-secret');
  expect((await pod.call('GET', '/api/v1/webhooks/crm/deliveries')).body).toEqual({ deliveries: [] });
  expect((await pod.call('GET', '/api/v1/webhooks/crm/dead-letters')).body).toEqual({ deadLetters: [] });
  expect((await pod.call('POST', '/api/v1/webhooks/crm/redrive', {})).body).toEqual({ redriven: 0 });
  expect((await pod.call('DELETE', '/api/v1/webhooks/crm')).status).toBe(200);
  expect((await pod.call('GET', '/api/v1/webhooks/crm')).body.code).toBe('webhook_not_found');
});

it('too many readers are told to come back', async () => {
  const ending = new AbortController();
  const headers = { 'x-api-key': KEY };
  const open = Array.from({ length: 64 }, () =>
    fetch(`${pod.url}/api/v1/events/stream`, { headers, signal: ending.signal }),
  );
  const responses = await Promise.all(open);
  const refused = await pod.call('GET', `/api/v1/events?after=${await lastId()}&wait=5`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  ending.abort();
  await Promise.allSettled(responses.map((response) => response.text()));
  await expect
    .poll(async () => (await pod.call('GET', `/api/v1/events?after=${await lastId()}&wait=0.1`)).status, {
      timeout: 10_000,
    })
    .toBe(200);
});

it('whoever follows or waits is let go when the process ends', async () => {
  const headers = { 'x-api-key': KEY };
  const stream = await fetch(`${pod.url}/api/v1/events/stream`, { headers });
  const waiting = list(`after=${(await lastId()) + 1000}&wait=60`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const began = Date.now();
  await pod.stop();
  expect(await stream.text()).toContain(': log ');
  expect((await waiting).events).toEqual([]);
  expect(Date.now() - began).toBeLessThan(20_000);
}, 40_000);
