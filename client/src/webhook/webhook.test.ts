import { createHmac } from 'node:crypto';
import express from 'express';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import { webhookMiddleware } from './express.ts';
import { signWebhook, verifyWebhook, type WebhookRefusal } from './signature.ts';

const SECRET = 'a-secret-of-the-tests';
const NOW = 1_790_000_000_000;
const BODY = '{"event":"message"}';

const headersOf = (body: string | Uint8Array, secret = SECRET, timestamp = NOW): Record<string, string> => ({
  'x-webhook-hmac': signWebhook(secret, timestamp, body),
  'x-webhook-hmac-algorithm': 'sha512',
  'x-webhook-timestamp': String(timestamp),
  'x-webhook-request-id': 'request-1',
});
const verify = (headers: Record<string, string | undefined>, body: string | Uint8Array = BODY) =>
  verifyWebhook(body, headers, { secrets: SECRET, now: NOW });

describe('a delivery', () => {
  it('is signed as any language can: HMAC-SHA-512 over timestamp, dot and body, in hex', () => {
    expect(signWebhook('key', 1, 'body')).toBe(createHmac('sha512', 'key').update('1.body').digest('hex'));
  });

  it('is taken when it is signed and fresh', () => {
    expect(verify(headersOf(BODY))).toEqual({ ok: true, requestId: 'request-1', timestamp: NOW });
    expect(verifyWebhook(BODY, new Headers(headersOf(BODY)), { secrets: SECRET, now: NOW }).ok).toBe(true);
    expect(verify({ ...headersOf(BODY), 'x-webhook-hmac-algorithm': 'SHA512' }).ok).toBe(true);
  });

  test.each<[WebhookRefusal, Record<string, string | undefined>]>([
    ['header_missing', { ...headersOf(BODY), 'x-webhook-hmac': undefined }],
    ['header_missing', { ...headersOf(BODY), 'x-webhook-request-id': undefined }],
    ['algorithm_unknown', { ...headersOf(BODY), 'x-webhook-hmac-algorithm': 'md5' }],
    ['algorithm_unknown', { ...headersOf(BODY), 'x-webhook-hmac-algorithm': undefined }],
    ['timestamp_invalid', { ...headersOf(BODY), 'x-webhook-timestamp': '12e3' }],
    ['timestamp_too_old', headersOf(BODY, SECRET, NOW - 300_001)],
    ['timestamp_in_future', headersOf(BODY, SECRET, NOW + 300_001)],
    ['signature_wrong', headersOf(BODY, 'another-secret')],
    ['signature_wrong', headersOf(`${BODY} `)],
    ['signature_wrong', { ...headersOf(BODY), 'x-webhook-timestamp': String(NOW + 1) }],
    ['signature_wrong', { ...headersOf(BODY), 'x-webhook-hmac': '' }],
    ['signature_wrong', { ...headersOf(BODY), 'x-webhook-hmac': 'ü'.repeat(128) }],
  ])('is refused: %s', (reason, headers) => {
    expect(verify(headers)).toMatchObject({ ok: false, reason });
  });

  it('may be signed with either of two secrets, while one is exchanged', () => {
    for (const secret of ['old', 'new']) {
      const verdict = verifyWebhook(BODY, headersOf(BODY, secret), { secrets: ['new', 'old'], now: NOW });
      expect(verdict.ok).toBe(true);
    }
    expect(() => verifyWebhook(BODY, headersOf(BODY), { secrets: [] })).toThrow(TypeError);
    expect(() => verifyWebhook(BODY, headersOf(BODY), { secrets: '' })).toThrow(TypeError);
  });

  it('is refused with any byte changed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (body, at, change) => {
          const changed = Uint8Array.from(body);
          const index = at % body.length;
          changed[index] = (changed[index] ?? 0) ^ change;
          return verify(headersOf(body), body).ok && !verify(headersOf(body), changed).ok;
        },
      ),
    );
  });
});

describe('the middleware, in Express', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  async function receiver(setUp: (app: express.Express) => void) {
    const refused: string[] = [];
    const app = express();
    setUp(app);
    app.post(
      '/hook',
      webhookMiddleware({ secrets: SECRET, maxBytes: 1_000, onRefused: (reason) => refused.push(reason) }),
      (request: express.Request & { webhook?: unknown }, response) => {
        response.json({ body: request.body, webhook: request.webhook });
      },
    );
    const server = app.listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { readonly port: number };
    const deliver = async (body: string, headers = headersOf(body, SECRET, Date.now())) =>
      await fetch(`http://127.0.0.1:${port}/hook`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
    return { deliver, refused };
  }

  it('gives the parsed event on, and who delivered it', async () => {
    const { deliver } = await receiver(() => {});
    const response = await deliver(BODY);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      body: { event: 'message' },
      webhook: { requestId: 'request-1' },
    });
  });

  it('takes a raw body that was read before it', async () => {
    const { deliver } = await receiver((app) => app.use(express.raw({ type: '*/*' })));
    expect((await deliver(BODY)).status).toBe(200);
  });

  it('says so when somebody parsed the body before it', async () => {
    const { deliver, refused } = await receiver((app) => app.use(express.json()));
    const response = await deliver(BODY);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('before express.json()');
    expect(refused).toEqual(['body_consumed']);
  });

  it('lets nothing else pass', async () => {
    const { deliver, refused } = await receiver(() => {});
    expect((await deliver(BODY, headersOf(BODY, 'another', Date.now()))).status).toBe(401);
    expect((await deliver(BODY, headersOf(BODY))).status).toBe(401);
    expect((await deliver('not json')).status).toBe(400);
    expect((await deliver(JSON.stringify('x'.repeat(2_000)))).status).toBe(413);
    expect(refused).toEqual(['signature_wrong', 'timestamp_too_old', 'body_no_json', 'body_too_large']);
  });
});
