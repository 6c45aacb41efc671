import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { KEY, startTestPod, type TestPod } from '../../session-pod/src/http/testing/test-pod.ts';
import { WhatsAppClient } from './client.ts';
import type { FileSource } from './content.ts';
import { WhatsAppError } from './errors.ts';
import type { Fetch } from './http/transport.ts';

/** The client against the session pod's own API and outbox; only the browser is scripted. */

const CHAT = '+49 15100 00002';
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let pod: TestPod;
let client: WhatsAppClient;
const folder = await mkdtemp(join(tmpdir(), 'client-'));
beforeEach(async () => {
  pod = await startTestPod();
  client = new WhatsAppClient({ url: pod.url, apiKey: KEY });
});
afterEach(() => pod.remove());
afterAll(() => rm(folder, { recursive: true, force: true }));

const failed = async (promise: Promise<unknown>): Promise<WhatsAppError> => {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof WhatsAppError) return error;
  throw error;
};

/** Loses every answer of which `isLost` says so, after the pod has acted. */
const losing =
  (isLost: (count: number) => boolean): Fetch =>
  async (url, init) => {
    const response = await fetch(url, init);
    await response.arrayBuffer();
    counts += 1;
    if (isLost(counts)) throw new TypeError('fetch failed', { cause: new Error('ECONNRESET') });
    return await fetch(url, init);
  };
let counts = 0;
beforeEach(() => {
  counts = 0;
});

describe('a send', () => {
  it('is accepted while the session is not connected, and followed until it is sent', async () => {
    const accepted = await client.send(CHAT, 'hello');
    expect(accepted).toMatchObject({ status: 'queued', to: '491510000002@c.us', type: 'text' });
    pod.engine.connect();
    expect(await client.waitFor(accepted.id, 'sent')).toMatchObject({ id: accepted.id, status: 'sent' });
  });

  it('waits at the API where that is wanted', async () => {
    pod.engine.connect();
    expect(await client.send(CHAT, 'hello', { wait: 'sent' })).toMatchObject({ status: 'sent' });
  });

  it('has one effect, however many answers are lost', async () => {
    pod.engine.connect();
    const lossy = new WhatsAppClient({
      url: pod.url,
      apiKey: KEY,
      retry: { baseMs: 1, capMs: 1 },
      fetch: losing((count) => count <= 4),
    });
    const message = await lossy.send(CHAT, 'once');
    await client.waitFor(message.id, 'sent');
    expect(pod.engine.sent.map(({ id }) => id)).toEqual([message.id]);
    expect(counts).toBe(5);
  });

  it('names the key under which it can be called again', async () => {
    const lost = new WhatsAppClient({
      url: pod.url,
      apiKey: KEY,
      retry: { baseMs: 1, deadlineMs: 0 },
      fetch: losing(() => true),
    });
    const error = await failed(lost.send(CHAT, 'hello'));
    expect(error).toMatchObject({ code: 'unreachable', kind: 'retry', attempts: 1 });
    const { idempotencyKey } = error;
    expect(idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
    await client.send(CHAT, 'hello', { idempotencyKey });
    expect((await client.messagePage()).messages).toHaveLength(1);
    expect(await failed(client.send(CHAT, 'other', { idempotencyKey }))).toMatchObject({
      code: 'idempotency_key_reused',
      kind: 'conflict',
      idempotencyKey,
    });
  });

  it('two calls are two messages, even with the same words', async () => {
    const ids = await Promise.all([client.send(CHAT, 'hello'), client.send(CHAT, 'hello')]);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(2);
  });

  it('says why a message that was waited for was not sent', async () => {
    pod.engine.sendOutcome = async () => ({
      kind: 'refused',
      code: 'not_on_whatsapp',
      detail: 'no such number',
    });
    pod.engine.lookup = (async () => ({ kind: 'absent' })) as never;
    pod.engine.connect();
    const error = await failed(client.send(CHAT, 'hello', { wait: 'delivered' }));
    expect(error).toMatchObject({ code: 'not_sent', kind: 'terminal', outcome: 'not_on_whatsapp' });
    expect(error.sent?.status).toBe('failed');
  });

  it('that is waited for too long says how far it came', async () => {
    const error = await failed(client.send(CHAT, 'hello', { wait: 'sent', timeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'timeout', kind: 'retry' });
    expect(error.sent?.status).toBe('queued');
  });

  it('can be abandoned while it waits', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 100);
    const sending = client.send(CHAT, 'hello', { wait: 'sent', signal: controller.signal });
    await expect(sending).rejects.toBe(reason);
  });

  it('is refused with every mistake', async () => {
    const error = await failed(client.send('nobody', { type: 'poll', question: '', options: ['one'] }));
    expect(error).toMatchObject({ code: 'invalid_request', kind: 'terminal' });
    expect(error.problem?.errors?.map(({ path }) => path)).toContain('body.to');
  });

  it('is refused with the wrong key, at once', async () => {
    const error = await failed(new WhatsAppClient({ url: pod.url, apiKey: 'wrong' }).send(CHAT, 'hello'));
    expect(error).toMatchObject({ code: 'unauthorized', kind: 'terminal', attempts: 1 });
  });
});

describe('a file', () => {
  const path = join(folder, 'dot.png');
  const stream = async function* () {
    yield PNG.subarray(0, 20);
    yield PNG.subarray(20);
  };
  test.each<[string, FileSource]>([
    ['of a path', { path }],
    ['of a Buffer', PNG],
    ['of an ArrayBuffer', Uint8Array.from(PNG).buffer],
    ['of a Blob', new Blob([PNG])],
    ['of a File', new File([PNG], 'dot.png')],
    ['of a stream', stream()],
    ['in base64', { data: PNG.toString('base64') }],
  ])('%s arrives as it is, under one key', async (_, media) => {
    await writeFile(path, PNG);
    pod.engine.connect();
    const lossy = new WhatsAppClient({
      url: pod.url,
      apiKey: KEY,
      retry: { baseMs: 1 },
      fetch: losing((count) => count === 1),
    });
    const content = { type: 'image', media, caption: 'a dot' } as const;
    const message = await lossy.send(CHAT, content, { wait: 'sent' });
    expect(message).toMatchObject({ type: 'image', status: 'sent' });
    expect(pod.engine.sent).toHaveLength(1);
    expect(JSON.stringify(pod.engine.sent[0]?.content)).toContain('a dot');
  });

  it('keeps its name', async () => {
    await writeFile(join(folder, 'Preisliste 2026.txt'), 'prices');
    pod.engine.connect();
    await client.send(
      CHAT,
      { type: 'document', media: { path: join(folder, 'Preisliste 2026.txt') } },
      { wait: 'sent' },
    );
    expect(JSON.stringify(pod.engine.sent[0]?.content)).toContain('Preisliste 2026.txt');
  });

  it('that cannot be read is named, and nothing is sent', async () => {
    const error = await failed(client.send(CHAT, { type: 'image', media: { path: '/nowhere/a.png' } }));
    expect(error).toMatchObject({ code: 'file_unreadable', kind: 'terminal' });
    expect(error.message).toContain('/nowhere/a.png');
  });
});

describe('messages', () => {
  it('are listed over the pages', async () => {
    for (const text of ['1', '2', '3', '4', '5']) await client.send(CHAT, text);
    const ids: string[] = [];
    for await (const { id } of client.messages({ limit: 2, status: 'queued' })) ids.push(id);
    expect(ids).toHaveLength(5);
  });

  it('can be cancelled while they are queued, and not later', async () => {
    const { id } = await client.send(CHAT, 'never mind');
    expect(await client.cancel(id)).toMatchObject({ id, status: 'cancelled' });
    expect(await failed(client.waitFor(id, 'sent'))).toMatchObject({
      code: 'not_sent',
      outcome: 'cancelled',
    });
    pod.engine.connect();
    const sent = await client.send(CHAT, 'too late', { wait: 'sent' });
    expect(await failed(client.cancel(sent.id))).toMatchObject({ code: 'not_cancellable', kind: 'conflict' });
    expect(await failed(client.message('3EB0000000000000000000'))).toMatchObject({
      code: 'message_not_found',
    });
  });
});

describe('the session', () => {
  it('is linked by QR code, in three forms', async () => {
    expect(await failed(client.qr())).toMatchObject({ code: 'not_pairing', kind: 'retry' });
    pod.engine.pair({ method: 'QRCode', qr: '2@code', since: Date.now() });
    expect(await client.qr()).toMatchObject({ qr: '2@code' });
    expect(await client.qrText()).toContain('█');
    expect(
      Buffer.from(await client.qrPng())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    pod.engine.connect();
    expect(await failed(client.qr())).toMatchObject({ code: 'already_linked', kind: 'conflict' });
  });

  it('is linked by a code that is typed', async () => {
    pod.engine.pair({ method: 'QRCode', qr: '2@code', since: Date.now() });
    expect(await client.pairingCode('+49 151 0000001')).toMatchObject({
      code: 'ABCD1234',
      phoneNumber: '491510000001',
    });
    expect(await client.pairingCode()).toMatchObject({ code: 'ABCD1234' });
  });

  it('is waited for, and says what stands in the way', async () => {
    pod.engine.pair({ method: 'QRCode', qr: '2@code', since: Date.now() });
    expect(await failed(client.waitUntilConnected())).toMatchObject({
      code: 'pairing_required',
      kind: 'conflict',
    });
    pod.engine.become('Failed', 'tos_block');
    expect(await failed(client.waitUntilConnected())).toMatchObject({
      code: 'session_failed',
      kind: 'conflict',
    });
    pod.engine.become('Starting', 'requested');
    expect(await failed(client.waitUntilConnected({ timeoutMs: 30 }))).toMatchObject({ code: 'timeout' });
    const seen: string[] = [];
    const waiting = client.waitUntilConnected({ onSession: ({ state }) => seen.push(state) });
    setTimeout(() => pod.engine.connect(), 50);
    expect(await waiting).toMatchObject({ state: 'Connected' });
    expect(seen[0]).toBe('Starting');
  });

  it('is begun anew, logged out, looked at', async () => {
    pod.engine.connect();
    expect(Buffer.from(await client.screenshot())[0]).toBe(0x89);
    await client.restart();
    await client.logout();
    expect(pod.engine.asked).toEqual(['start', 'restart', 'logout']);
  });
});

describe('the directory', () => {
  it('says at once that the session is not connected, or waits for it where asked', async () => {
    expect(await failed(client.chats())).toMatchObject({ code: 'not_connected', kind: 'retry', attempts: 1 });
    setTimeout(() => pod.engine.connect(), 50);
    expect(await client.chats({ connectWithinMs: 5_000 })).toHaveLength(1);
  });

  it('has chats, their history, contacts and numbers', async () => {
    pod.engine.connect();
    expect(await client.chats({ limit: 1 })).toMatchObject([{ name: 'Ada' }]);
    expect(await client.history('4915700000000@c.us')).toMatchObject([{ body: 'hello' }]);
    expect(await client.contacts()).toMatchObject([{ pushName: 'Ada' }]);
    expect(await client.lookUpNumber('+49 157 00000000')).toMatchObject({ registered: true });
    expect(await client.lookUpNumber('99912345678')).toMatchObject({ registered: false, chat: null });
  });
});

it('a send survives a restart of its pod between two attempts', async () => {
  const { folder: data, apiPort } = pod;
  await pod.stop();
  const sending = client.send(CHAT, 'patience', { wait: 'sent' });
  pod = await startTestPod({ DATA_DIR: data, PORT: String(apiPort) });
  pod.engine.connect();
  expect(await sending).toMatchObject({ status: 'sent' });
});
