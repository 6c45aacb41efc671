import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageResource } from '@whatsapp-operator/api/session';
import { startTestSandbox, type TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PodProcess } from './pod-process.ts';

/** Every kind of message, from the HTTP request to the recipient, through a real browser. */

const FRIEND = '4915700000000@c.us';
const NUMBER = '491510000001';
const PATIENCE = { timeout: 60_000, interval: 100 };
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let sandbox: TestSandbox;
let pod: PodProcess;
const folder = mkdtempSync(join(tmpdir(), 'pod-kinds-'));

beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_TIMING_SYNC_MS: '100' });
  pod = new PodProcess({
    DATA_DIR: folder,
    SANDBOX_URL: sandbox.controlUrl,
    SENDING_RATE_PER_MINUTE: '6000',
    PAIRING_METHOD: 'PairingCode',
    PAIRING_PHONE_NUMBER: '+49 1510 000001',
  });
  await vi.waitUntil(
    async () => pod.port('health') !== undefined && (await pod.get('health', '/readyz')).status === 200,
    PATIENCE,
  );
});
afterAll(async () => {
  pod.child.kill('SIGTERM');
  await pod.exit;
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function send(request: object, to = FRIEND): Promise<MessageResource> {
  const response = await pod.post('/api/v1/messages?wait=delivered&timeout=60', { to, ...request });
  return (await response.json()) as MessageResource;
}

/** What the sandbox has of a message. */
async function arrived({ id }: MessageResource, chat = FRIEND): Promise<Record<string, unknown> | undefined> {
  const messages = await sandbox.client.call('listMessages', {
    params: { number: NUMBER, chat },
    query: { limit: 100 },
  });
  return messages.find((message) => message.id === id);
}

test.each([
  ['text', { type: 'text', text: 'hello' }, { kind: 'text', body: 'hello' }],
  [
    'image',
    { type: 'image', media: { data: PNG }, caption: 'look' },
    { kind: 'media', media: { kind: 'image', caption: 'look' } },
  ],
  [
    'document',
    { type: 'document', media: { data: PNG }, filename: 'a.png' },
    { kind: 'media', media: { filename: 'a.png' } },
  ],
  [
    'location',
    { type: 'location', latitude: -23.5614, longitude: -46.6559, name: 'here' },
    { kind: 'location', latitude: -23.5614 },
  ],
  [
    'contacts',
    { type: 'contacts', contacts: [{ name: 'Ada', phoneNumber: '+44 20 7946 0000' }] },
    { kind: 'contacts' },
  ],
  [
    'poll',
    { type: 'poll', question: 'Lunch?', options: ['12:00', '13:00'] },
    { kind: 'poll', name: 'Lunch?' },
  ],
])('%s arrives as what it is', async (_kind, content, expected) => {
  const message = await send({ content });
  expect(['delivered', 'read'], JSON.stringify(message)).toContain(message.status);
  expect(await arrived(message)).toMatchObject({ content: expected });
});

test('a form with a file arrives', async () => {
  const form = new FormData();
  form.set('to', FRIEND);
  form.set('type', 'image');
  form.set('file', new Blob([Buffer.from(PNG, 'base64')]), 'photo.png');
  const response = await fetch(
    `http://127.0.0.1:${pod.port('api')}/api/v1/messages?wait=delivered&timeout=60`,
    {
      method: 'POST',
      body: form,
    },
  );
  const message = (await response.json()) as MessageResource;
  expect(await arrived(message)).toMatchObject({
    content: { media: { kind: 'image', mimetype: 'image/png' } },
  });
});

test('a reply quotes, and a reaction is set, on a message that came in', async () => {
  const injected = await sandbox.client.call('inject', {
    params: { number: NUMBER },
    body: { chat: FRIEND, content: { kind: 'text', body: 'is anybody there?' } },
  });
  const messageId = `false_${FRIEND}_${injected.id}`;
  const reply = await send({ content: { type: 'text', text: 'yes' }, replyTo: messageId });
  expect(await arrived(reply)).toMatchObject({ quote: { id: injected.id } });
  const reaction = await send({ content: { type: 'reaction', messageId, emoji: '👍' } });
  expect(reaction.status, JSON.stringify(reaction)).toBe('sent');
  const ledger = await sandbox.client.call('ledger', { query: { kind: 'reacted' } });
  expect(ledger.length).toBe(1);
});

test('a group gets a message with a mention', async () => {
  const group = await sandbox.client.call('createGroup', {
    params: { number: NUMBER },
    body: { subject: 'team', participants: [FRIEND] },
  });
  const message = await send(
    { content: { type: 'text', text: 'over to you, @4915700000000' }, mentions: ['4915700000000'] },
    group.jid,
  );
  expect(await arrived(message, group.jid)).toMatchObject({
    content: { body: 'over to you, @4915700000000' },
  });
});

test('a number without WhatsApp is told as failed, and never as sent', async () => {
  const message = await send({ content: { type: 'text', text: 'x' } }, '99900000001@c.us');
  expect([message.status, message.outcome?.code]).toEqual(['failed', 'not_on_whatsapp']);
});

test('the directory answers from the page', async () => {
  const read = async (path: string) => (await (await pod.get('api', path)).json()) as Record<string, unknown>;
  expect(await read('/api/v1/numbers/4915700000000')).toMatchObject({ registered: true, chat: FRIEND });
  expect(await read('/api/v1/numbers/99900000001')).toMatchObject({ registered: false, chat: null });
  expect(JSON.stringify(await read('/api/v1/chats'))).toContain(FRIEND);
  expect(JSON.stringify(await read('/api/v1/contacts'))).toContain(FRIEND);
  expect(JSON.stringify(await read(`/api/v1/chats/${FRIEND}/messages`))).toContain('is anybody there?');
  const screenshot = await pod.get('api', '/api/v1/session/screenshot');
  expect([screenshot.status, screenshot.headers.get('content-type')]).toEqual([200, 'image/png']);
});
