import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import type { StoredEvent } from '../inbox/index.ts';
import { envelope, headersFor } from './request.ts';

const event: StoredEvent = {
  id: 7,
  type: 'message',
  chat: '4915700000000@c.us',
  at: 1_700_000_000_500,
  occurredAt: 1_700_000_000_000,
  message: 'false_4915700000000@c.us_M1',
  payload: { body: 'hé' },
};
const about = { session: 'sales', logId: 'ab12cd34', wanted: undefined };

it('the envelope is what receivers know, with an id that is the same in every attempt', () => {
  expect(JSON.parse(envelope(event, about))).toEqual({
    id: 'evt_ab12cd34_7',
    event: 'message',
    session: 'sales',
    timestamp: 1_700_000_000_000,
    sequence: 7,
    payload: { body: 'hé' },
  });
  expect(envelope(event, about)).toBe(envelope(event, about));
});

it('a message goes under the name that was asked for', () => {
  const name = (wanted: readonly ('message' | 'message.any')[]) =>
    (JSON.parse(envelope(event, { ...about, wanted })) as { readonly event: string }).event;
  expect([name(['message']), name(['message.any']), name(['message', 'message.any'])]).toEqual([
    'message',
    'message.any',
    'message',
  ]);
});

it('signs the raw body, and with every key the time too', () => {
  const body = envelope(event, about);
  const secrets = ['new-secret-0123456789', 'old-secret-0123456789'];
  const headers = headersFor(body, { secrets, requestId: 'r', eventId: 'e', attempt: 2, now: 123 });
  const hmac = (secret: string, text: string) => createHmac('sha512', secret).update(text).digest('hex');
  expect(headers['x-webhook-hmac']).toBe(hmac(secrets[0] ?? '', body));
  expect(headers['x-webhook-signature']).toBe(
    `t=123,${secrets.map((secret) => `v1=${hmac(secret, `123.${body}`)}`).join(',')}`,
  );
  expect(headers).toMatchObject({ 'x-webhook-hmac-algorithm': 'sha512', 'x-webhook-attempt': '2' });
});

it('without a key nothing is signed', () => {
  const headers = headersFor('{}', { secrets: [], requestId: 'r', eventId: 'e', attempt: 1, now: 1 });
  expect(Object.keys(headers).filter((name) => name.includes('hmac') || name.includes('signature'))).toEqual(
    [],
  );
});
