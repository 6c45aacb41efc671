import type { Problem } from '@whatsapp-operator/api/session';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { EngineError } from '../engine/errors.ts';
import { KEY, startTestPod, type TestPod } from './testing/test-pod.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let pod: TestPod;
beforeAll(async () => {
  pod = await startTestPod();
});
afterAll(() => pod.remove());
beforeEach(() => {
  pod.engine.failure = undefined;
  pod.engine.connect();
});

const TEXT = { to: '+55 11 91234-5678', content: { type: 'text', text: 'hello' } };

describe('sending', () => {
  test('a message is answered with 202, where it is found, and the id that it will have', async () => {
    const { status, headers, body } = await pod.call('POST', '/api/v1/messages', TEXT);
    expect(status).toBe(202);
    expect(body).toMatchObject({ to: '5511912345678@c.us', type: 'text', outcome: null });
    expect(body.id).toMatch(/^3EB0[0-9A-F]{18}$/);
    expect(headers.get('location')).toBe(`/api/v1/messages/${body.id}`);
    expect((await pod.call('GET', `/api/v1/messages/${body.id}`)).body.id).toBe(body.id);
  });

  test('a session that is not connected accepts all the same', async () => {
    pod.engine.become('Disconnected', 'socket_lost');
    const { status, body } = await pod.call('POST', '/api/v1/messages', TEXT);
    expect([status, body.status]).toEqual([202, 'queued']);
  });

  test('wait=sent answers 200 once it is sent', async () => {
    const { status, body } = await pod.call('POST', '/api/v1/messages?wait=sent&timeout=30s', TEXT);
    expect([status, body.status]).toEqual([200, 'sent']);
    expect(body.messageId).toBe(`true_5511912345678@c.us_${body.id}`);
  });

  test('wait answers 202 when the time is over first', async () => {
    pod.engine.become('Disconnected', 'socket_lost');
    const { status, body } = await pod.call('POST', '/api/v1/messages?wait=delivered&timeout=0.2', TEXT);
    expect([status, body.status]).toEqual([202, 'queued']);
  });

  test('the same key and body give the same message; another body is refused', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const first = await pod.call('POST', '/api/v1/messages', TEXT, key);
    // Another spelling of the same request.
    const again = await pod.call(
      'POST',
      '/api/v1/messages',
      { content: { text: 'hello', type: 'text' }, to: '5511912345678' },
      key,
    );
    expect(again.status).toBe(202);
    expect(again.body.id).toBe(first.body.id);
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    const other = await pod.call('POST', '/api/v1/messages', { ...TEXT, to: '5511900000000' }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('two at once with one key are one message', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => pod.call('POST', '/api/v1/messages', TEXT, key)),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
  });

  test('what is queued can be cancelled, twice with the same answer; what was sent cannot', async () => {
    pod.engine.become('Disconnected', 'socket_lost');
    const { body } = await pod.call('POST', '/api/v1/messages', TEXT);
    for (const _ of [1, 2]) {
      const cancelled = await pod.call('DELETE', `/api/v1/messages/${body.id}`);
      expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
    }
    pod.engine.connect();
    const sent = await pod.call('POST', '/api/v1/messages?wait=sent&timeout=30s', TEXT);
    const late = await pod.call('DELETE', `/api/v1/messages/${sent.body.id}`);
    expect([late.status, late.body.code]).toEqual([409, 'not_cancellable']);
  });

  test('a list goes page by page, the oldest first, without doubles', async () => {
    const to = '491510009999@c.us';
    pod.engine.become('Disconnected', 'socket_lost');
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1)
      ids.push((await pod.call('POST', '/api/v1/messages', { ...TEXT, to })).body.id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({
        to,
        status: 'queued',
        limit: '2',
        ...(cursor === null ? {} : { cursor }),
      });
      const { body } = await pod.call('GET', `/api/v1/messages?${query}`);
      seen.push(...body.messages.map(({ id }: { id: string }) => id));
      cursor = body.next;
    } while (cursor !== null);
    expect(seen).toEqual(ids);
  });
});

describe('refusals', () => {
  test.each([
    ['no key', {}],
    ['a wrong key', { 'x-api-key': `${KEY}x` }],
    ['an empty key', { 'x-api-key': '' }],
    ['another scheme', { authorization: `Basic ${KEY}` }],
  ])('%s: 401 with a challenge, on known and unknown paths', async (_what, headers) => {
    for (const path of ['/api/v1/session', '/api/v1/nothing']) {
      const response = await fetch(`${pod.url}${path}`, { headers });
      expect([response.status, ((await response.json()) as Problem).code]).toEqual([401, 'unauthorized']);
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  test('the key is taken as a bearer token too', async () => {
    const response = await fetch(`${pod.url}/api/v1/session`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(response.status).toBe(200);
  });

  test.each([
    ['an unknown field', { ...TEXT, priority: 1 }, 'priority'],
    ['an unknown field within', { ...TEXT, content: { ...TEXT.content, bold: true } }, 'bold'],
    ['no recipient', { content: TEXT.content }, 'body.to'],
    ['a recipient that is none', { ...TEXT, to: 'Maria' }, 'body.to'],
    ['no text', { ...TEXT, content: { type: 'text' } }, 'body.content.text'],
    ['an unknown type', { ...TEXT, content: { type: 'telegram' } }, 'body.content.type'],
    ['an array', [TEXT], 'body'],
    ['null', null, 'body'],
  ])('%s: 400 that names the place', async (_what, body, place) => {
    const answer = await pod.call('POST', '/api/v1/messages', body);
    expect([answer.status, answer.body.code, answer.body.retry]).toEqual([400, 'invalid_request', 'never']);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(answer.body.errors)).toContain(place);
    expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
  });

  test.each([
    ['POST', '/api/v1/messages', '{"to": ', {}, 400, 'invalid_json'],
    [
      'POST',
      '/api/v1/messages',
      '<xml/>',
      { 'content-type': 'application/xml' },
      415,
      'unsupported_media_type',
    ],
    ['POST', '/api/v1/messages?wait=sent&timeout=1h', '{}', {}, 400, 'invalid_request'],
    ['POST', '/api/v1/messages?waits=sent', '{}', {}, 400, 'invalid_request'],
    ['GET', '/api/v1/messages?limit=1&limit=2', undefined, {}, 400, 'invalid_request'],
    ['GET', '/api/v1/messages?cursor=nonsense', undefined, {}, 400, 'invalid_request'],
    ['GET', '/api/v1/messages/3EB0000000000000000000', undefined, {}, 404, 'message_not_found'],
    ['GET', '/api/v1/messages/17', undefined, {}, 400, 'invalid_request'],
    ['DELETE', '/api/v1/messages/3EB0000000000000000000', undefined, {}, 404, 'message_not_found'],
    ['GET', '/api/v1/nothing', undefined, {}, 404, 'not_found'],
    ['GET', '/api/v1/chats/%E0%A4%A/messages', undefined, {}, 400, 'invalid_request'],
    ['DELETE', '/api/v1/session', undefined, {}, 405, 'method_not_allowed'],
    ['POST', '/api/v1/session/restart', { now: true }, {}, 400, 'invalid_request'],
  ])('%s %s %j %j: %i %s', async (method, path, body, headers, status, code) => {
    const answer = await pod.call(method, path, body, headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('channels and status updates have a code of their own', async () => {
    for (const to of ['1234567890@newsletter', 'status@broadcast']) {
      const answer = await pod.call('POST', '/api/v1/messages', { ...TEXT, to });
      expect([answer.status, answer.body.code]).toEqual([422, 'unsupported_chat']);
    }
  });

  test('a method that is not there is told with those that are', async () => {
    const { headers } = await pod.call('PUT', '/api/v1/messages', {});
    expect(headers.get('allow')).toBe('POST, GET');
  });
});

describe('the session', () => {
  test('tells state, account and queue, and neither code nor key', async () => {
    pod.engine.pair({ method: 'QRCode', qr: 'secret-qr', since: 1_800_000_000_000 });
    const { status, body } = await pod.call('GET', '/api/v1/session');
    expect(status).toBe(200);
    expect(body).toMatchObject({ session: 'session', state: 'Pairing', pairing: { method: 'QRCode' } });
    expect(JSON.stringify(body)).not.toContain('secret-qr');
  });

  test('the QR code comes as JSON, as PNG and as text', async () => {
    pod.engine.pair({ method: 'QRCode', qr: '2@abc,def,ghi', since: 1_800_000_000_000 });
    expect((await pod.call('GET', '/api/v1/session/qr')).body.qr).toBe('2@abc,def,ghi');
    for (const [path, accept] of [
      ['/api/v1/session/qr?format=png', '*/*'],
      ['/api/v1/session/qr', 'image/png'],
    ] as const) {
      const png = await pod.call('GET', path, undefined, { accept });
      expect(png.headers.get('content-type')).toBe('image/png');
      expect(png.body.subarray(1, 4).toString()).toBe('PNG');
    }
    const text = await pod.call('GET', '/api/v1/session/qr?format=text');
    expect(text.body.toString()).toMatch(/[█▀▄]{10}/);
    const other = await pod.call('GET', '/api/v1/session/qr', undefined, { accept: 'video/mp4' });
    expect([other.status, other.body.code]).toEqual([406, 'not_acceptable']);
  });

  test.each([
    ['Connected', 409, 'already_linked'],
    ['Disconnected', 409, 'already_linked'],
    ['Starting', 409, 'not_pairing'],
    ['Failed', 409, 'session_failed'],
  ] as const)('while %s there is no code: %i %s', async (state, status, code) => {
    pod.engine.become(state);
    for (const path of ['/api/v1/session/qr', '/api/v1/session/pairing-code']) {
      const answer = await pod.call('GET', path);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    }
  });

  test('a pairing code is asked for with a number in any form', async () => {
    pod.engine.become('Pairing');
    const asked = await pod.call('POST', '/api/v1/session/pairing-code', { phoneNumber: '+49 1510 000001' });
    expect(asked.body).toMatchObject({ code: 'ABCD1234', phoneNumber: '491510000001' });
    expect((await pod.call('GET', '/api/v1/session/pairing-code')).body.code).toBe('ABCD1234');
  });

  test('restart and logout are begun and answered at once', async () => {
    expect((await pod.call('POST', '/api/v1/session/restart')).status).toBe(202);
    expect((await pod.call('POST', '/api/v1/session/logout', {})).status).toBe(202);
    expect(pod.engine.asked.slice(-2)).toEqual(['restart', 'logout']);
  });
});

describe('the directory', () => {
  const PATHS = [
    '/api/v1/chats',
    '/api/v1/contacts',
    '/api/v1/numbers/+49 1570 0000000',
    '/api/v1/chats/4915700000000@c.us/messages',
  ];

  test('answers from the page', async () => {
    const [chats, contacts, number, messages] = await Promise.all(PATHS.map((path) => pod.call('GET', path)));
    expect(chats?.body.chats).toMatchObject([{ name: 'Ada', unreadCount: 1 }]);
    expect(contacts?.body.contacts).toMatchObject([{ name: null, pushName: 'Ada' }]);
    expect(number?.body).toEqual({ number: '4915700000000', registered: true, chat: '4915700000000@c.us' });
    expect(messages?.body.messages).toMatchObject([{ chat: '4915700000000@c.us', ack: 1, editedAt: null }]);
  });

  test.each(PATHS)('%s needs a connection', async (path) => {
    pod.engine.become('Syncing');
    const { status, headers, body } = await pod.call('GET', path);
    expect([status, body.code]).toEqual([503, 'not_connected']);
    expect(headers.get('retry-after')).toBe('5');
  });

  test.each([
    ['engine_timeout', 504, 'engine_timeout'],
    ['engine_unavailable', 503, 'not_connected'],
    ['engine_failed', 503, 'engine_failed'],
  ] as const)('a page that answers with %s: %i %s', async (failure, status, code) => {
    pod.engine.failure = new EngineError(failure, 'as the test wants it');
    for (const path of [...PATHS, '/api/v1/session/screenshot']) {
      const answer = await pod.call('GET', path);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    }
  });

  test('what nobody expected is 500, and only the log says what', async () => {
    pod.engine.failure = new Error('the secret inside');
    const { status, body } = await pod.call('GET', '/api/v1/chats');
    expect([status, body.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(body)).not.toContain('secret inside');
    expect(pod.logged.find((line) => line.includes(body.requestId))).toContain('secret inside');
  });
});

test('without a key pages from elsewhere may not call, whatever they send', async () => {
  const open = await startTestPod({ API_KEY: '' });
  try {
    const post = (headers: Record<string, string>) =>
      open.call('POST', '/api/v1/messages', JSON.stringify(TEXT), headers);
    expect((await post({})).status).toBe(202);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const refused = await post({ ...form, origin: 'https://evil.example' });
    expect([refused.status, refused.body.code]).toEqual([403, 'foreign_page']);
  } finally {
    await open.remove();
  }
});

test('the document and the page need no key, and the page may run nothing', async () => {
  const document = (await (await fetch(`${pod.url}/openapi.json`)).json()) as { openapi: string };
  expect(document.openapi).toBe('3.1.0');
  const page = await fetch(`${pod.url}/api/docs`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await page.text();
  expect(html).not.toMatch(/<script|src=|@import|url\(/);
  expect(html).toContain('/api/v1/messages');
});
