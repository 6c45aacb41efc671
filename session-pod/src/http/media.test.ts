import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestPod, type TestPod } from './testing/test-pod.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** The smallest PNG there is: one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const TO = '491510000002@c.us';

let pod: TestPod;
let files: Server;
let fetched = 0;
let base: string;

beforeAll(async () => {
  pod = await startTestPod({
    MEDIA_ALLOW_PRIVATE_ADDRESSES: 'true',
    MEDIA_MAX_SIZE: '64Ki',
    MEDIA_FETCH_TIMEOUT: '2s',
  });
  files = createServer((request, response) => {
    fetched += 1;
    switch (request.url) {
      case '/photo.png':
        response.writeHead(200, { 'content-type': 'text/plain' }).end(PNG);
        return;
      case '/redirect':
        response.writeHead(302, { location: '/photo.png' }).end();
        return;
      case '/loop':
        response.writeHead(302, { location: '/loop' }).end();
        return;
      case '/elsewhere':
        response.writeHead(302, { location: 'file:///etc/passwd' }).end();
        return;
      case '/large':
        response.writeHead(200, { 'content-type': 'image/png' });
        response.end(Buffer.alloc(70_000, 1));
        return;
      case '/cut':
        response.writeHead(200, { 'content-length': '1000' });
        response.write(PNG, () => response.destroy());
        return;
      case '/slow':
        response.writeHead(200).write(PNG);
        return;
      default:
        response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
});
afterAll(async () => {
  files.closeAllConnections();
  files.close();
  await pod.remove();
});
beforeEach(() => pod.engine.become('Disconnected', 'socket_lost'));

const send = (content: object, headers?: Record<string, string>) =>
  pod.call('POST', '/api/v1/messages', { to: TO, content }, headers);
const stored = () => readdirSync(join(pod.folder, 'media'));

describe('by URL', () => {
  test('a file is fetched, also after a redirect, and known by its bytes', async () => {
    pod.engine.connect();
    for (const path of ['/photo.png', '/redirect']) {
      const { status, body } = await pod.call('POST', '/api/v1/messages?wait=sent&timeout=30s', {
        to: TO,
        content: { type: 'image', media: { url: `${base}${path}` }, caption: 'look' },
      });
      expect([status, body.status]).toEqual([200, 'sent']);
    }
    const [first] = pod.engine.sent;
    expect(first?.content).toMatchObject({
      type: 'image',
      mimetype: 'image/png',
      filename: 'photo.png',
      caption: 'look',
    });
  });

  test.each([
    ['/nowhere', 422, 'media_url_failed'],
    ['/loop', 422, 'media_url_failed'],
    ['/elsewhere', 422, 'media_url_refused'],
    ['/cut', 422, 'media_url_failed'],
    ['/slow', 422, 'media_url_failed'],
    ['/large', 413, 'payload_too_large'],
  ])('%s: %i %s, and nothing is left on the volume', async (path, status, code) => {
    const before = stored();
    const answer = await send({ type: 'document', media: { url: `${base}${path}` } });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(stored()).toEqual(before);
  });

  test('a repeated call with its key does not fetch again', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const content = { type: 'image', media: { url: `${base}/photo.png` } };
    const first = await send(content, key);
    const count = fetched;
    const again = await send(content, key);
    expect(again.body.id).toBe(first.body.id);
    expect(fetched).toBe(count);
  });
});

describe('from private addresses', () => {
  let strict: TestPod;
  beforeAll(async () => {
    strict = await startTestPod();
  });
  afterAll(() => strict.remove());

  test.each(['127.0.0.1', '[::1]', '0.0.0.0', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', 'localhost'])(
    '%s is refused',
    async (host) => {
      const count = fetched;
      const url = `http://${host}:${new URL(base).port}/photo.png`;
      const answer = await strict.call('POST', '/api/v1/messages', {
        to: TO,
        content: { type: 'image', media: { url } },
      });
      expect([answer.status, answer.body.code]).toEqual([422, 'media_url_refused']);
      expect(fetched).toBe(count);
    },
  );
});

describe('on a volume that is nearly full', () => {
  test('messages and files are refused with 507 before anything is lost, and the rest goes on', async () => {
    const full = await startTestPod({ STORAGE_RESERVE: '1024Gi' });
    try {
      for (const content of [
        { type: 'text', text: 'x' },
        { type: 'image', media: { data: PNG.toString('base64') } },
      ]) {
        const answer = await full.call('POST', '/api/v1/messages', { to: TO, content });
        expect([answer.status, answer.body.code]).toEqual([507, 'storage_full']);
        expect(answer.headers.get('retry-after')).toBe('30');
      }
      const form = new FormData();
      form.set('to', TO);
      form.set('file', new Blob([PNG]), 'a.png');
      expect((await full.call('POST', '/api/v1/messages', form)).status).toBe(507);
      const { body } = await full.call('GET', '/api/v1/session');
      expect(body.outbox).toMatchObject({ queued: 0, accepting: false });
      expect((await fetch(`${full.healthUrl}/livez`)).status).toBe(200);
    } finally {
      await full.remove();
    }
  });
});

describe('in the body', () => {
  test('base64 is taken, and what is no image is not sent as one', async () => {
    const good = await send({ type: 'image', media: { data: PNG.toString('base64') } });
    expect(good.status).toBe(202);
    const wrong = await send({ type: 'video', media: { data: PNG.toString('base64') } });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'media_refused']);
    const broken = await send({ type: 'image', media: { data: 'not base64!' } });
    expect([broken.status, broken.body.code]).toEqual([400, 'invalid_request']);
  });

  test('a form with fields and a file is a message', async () => {
    const form = new FormData();
    form.set('to', '+49 1510 000002');
    form.set('type', 'image');
    form.set('caption', 'from a form');
    form.set('file', new Blob([PNG]), '../../etc/photo.png');
    const { status, body } = await pod.call('POST', '/api/v1/messages', form);
    expect([status, body.to, body.type]).toEqual([202, TO, 'image']);
  });

  test('a form with the JSON and the file it names is one, in any order of parts', async () => {
    const message = JSON.stringify({
      to: TO,
      content: { type: 'document', media: { part: 'invoice' }, filename: 'a.png' },
    });
    for (const order of [0, 1]) {
      const form = new FormData();
      if (order === 0) form.set('message', message);
      form.set('invoice', new Blob([PNG]), 'b.png');
      if (order === 1) form.set('message', message);
      expect((await pod.call('POST', '/api/v1/messages', form)).status).toBe(202);
    }
  });

  test.each([
    [
      'a part that is not there',
      { message: { to: TO, content: { type: 'image', media: { part: 'x' } } } },
      400,
      'invalid_multipart',
    ],
    [
      'a file for a text',
      { message: { to: TO, content: { type: 'text', text: 'hi' } } },
      400,
      'invalid_multipart',
    ],
    ['no recipient', { type: 'image' }, 400, 'invalid_request'],
    ['an unknown field', { to: TO, type: 'image', priority: '1' }, 400, 'invalid_request'],
    ['JSON that is none', { message: '{' }, 400, 'invalid_json'],
    ['JSON and fields', { message: { to: TO }, to: TO }, 400, 'invalid_multipart'],
  ])('%s is refused, and its file does not stay', async (_what, fields, status, code) => {
    const before = stored();
    const form = new FormData();
    for (const [name, value] of Object.entries(fields))
      form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    form.set('file', new Blob([`unique ${crypto.randomUUID()}`]), 'file.txt');
    const answer = await pod.call('POST', '/api/v1/messages', form);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(stored()).toEqual(before);
  });

  test('a file that is too large is cut off: 413, and nothing stays', async () => {
    const before = stored();
    const form = new FormData();
    form.set('to', TO);
    form.set('file', new Blob([Buffer.alloc(200_000, 7)]), 'large.bin');
    const answer = await pod.call('POST', '/api/v1/messages', form);
    expect([answer.status, answer.body.code]).toEqual([413, 'payload_too_large']);
    expect(stored()).toEqual(before);
  });
});
