import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSandbox, type TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invoke } from '../../src/cli/testing/invoke.ts';
import { type Content, WhatsAppClient } from '../../src/index.ts';
import { firstCode, linkedPod, NUMBER } from './linked-pod.ts';
import { KEY, RestartingPod } from './restarting-pod.ts';
import { sendUnderKills } from './sends-under-kills.ts';

/** A person in the sandbox's address book, who receives and reads. */
const FRIEND = '4915700000000';

let sandbox: TestSandbox;
let pod: RestartingPod;
let client: WhatsAppClient;
let folder: string;
const wa = (words: readonly string[]) =>
  invoke(words, {
    program: 'wa',
    env: { WHATSAPP_ENGINE_URL: pod.url, WHATSAPP_ENGINE_API_KEY: KEY },
    now: Date.now,
  });

beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_TIMING_SYNC_MS: '100', SANDBOX_ACCOUNTS: '2' });
  folder = await mkdtemp(join(tmpdir(), 'client-'));
  pod = await linkedPod(sandbox);
  client = new WhatsAppClient({ url: pod.url, apiKey: KEY });
});
afterAll(async () => {
  await pod?.remove();
  await sandbox?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a session in a real browser', () => {
  it('takes every kind of content that the client sends, and delivers it', async () => {
    const png = await client.screenshot();
    const { messageId } = await client.send(FRIEND, 'hello', { wait: 'delivered' });
    expect(messageId).toContain(`true_${FRIEND}@c.us_3EB0`);
    const contents: readonly Content[] = [
      { type: 'image', media: png, caption: 'a picture' },
      {
        type: 'document',
        media: new TextEncoder().encode('a note'),
        filename: 'note.txt',
        caption: 'a file',
      },
      { type: 'location', latitude: -23.55, longitude: -46.63, name: 'São Paulo' },
      { type: 'contacts', contacts: [{ name: 'Ada', phoneNumber: '+4915700000001' }] },
      { type: 'poll', question: 'Tea?', options: ['yes', 'no'] },
    ];
    for (const content of contents)
      expect(
        await client.send(FRIEND, content, { wait: 'delivered' }),
        JSON.stringify(content).slice(0, 60),
      ).toMatchObject({
        status: expect.stringMatching(/^(delivered|read)$/),
      });
    const reaction = { type: 'reaction', messageId: messageId ?? '', emoji: '👍' } as const;
    expect((await client.send(FRIEND, reaction, { wait: 'sent' })).status).toMatch(/sent|delivered|read/);
    const answer = await client.send(FRIEND, 'as I said', { replyTo: messageId ?? '', wait: 'read' });
    expect(answer.readAt).not.toBeNull();
    const { outbound } = await sandbox.client.call('audit', { query: { account: NUMBER } });
    expect(Object.values(outbound).flat()).toEqual([]);
  });

  it('knows its chats, contacts and numbers', async () => {
    expect((await client.chats()).map(({ id }) => id)).toContain(`${FRIEND}@c.us`);
    expect((await client.history(FRIEND)).map(({ body }) => body)).toContain('as I said');
    expect((await client.contacts()).length).toBeGreaterThan(0);
    expect(await client.lookUpNumber('+999 1234567')).toMatchObject({ registered: false });
  });

  it('is worked on by the command line', async () => {
    const sent = await wa(['send', FRIEND, 'by command', '-o', 'name']);
    expect([sent.err, sent.exitCode]).toEqual(['', 0]);
    expect((await wa(['messages', sent.out.trim()])).out).toMatch(/Status +(delivered|read)/);
    const file = join(folder, 'note.txt');
    await writeFile(file, 'a note');
    expect((await wa(['send', FRIEND, 'with a file', '--file', file])).out).toMatch(
      /accepted.*\nsent.*\ndelivered/,
    );
    expect((await wa(['status'])).out).toContain('Ready:');
    expect((await wa(['doctor'])).out).toContain('Nothing is wrong.');
    const page = join(folder, 'page.png');
    await wa(['screenshot', page]);
    expect((await readFile(page)).subarray(1, 4).toString()).toBe('PNG');
    const again = await wa(['reconnect', '--wait', '--timeout', '2m']);
    expect([again.err, again.exitCode]).toEqual(['', 0]);
  });
});

it('a session is linked by `qr`, which ends when the phone has scanned', async () => {
  const second = await RestartingPod.start(sandbox.controlUrl);
  try {
    const other = new WhatsAppClient({ url: second.url, apiKey: KEY });
    await other.session();
    const env = { WHATSAPP_ENGINE_URL: second.url, WHATSAPP_ENGINE_API_KEY: KEY };
    const options = { program: 'wa', env, now: Date.now } as const;
    expect((await invoke(['qr', '--once', '--timeout', '2m'], options)).out).toContain(
      'On the phone: Linked devices',
    );
    const linking = invoke(['qr', '--timeout', '2m'], options);
    const qr = await firstCode(other);
    await sandbox.client.call('scan', { params: { number: '491510000002' }, body: { qr } });
    const { out, exitCode } = await linking;
    expect(out).toContain('Linked as 491510000002');
    expect(exitCode).toBe(0);
  } finally {
    await second.remove();
  }
});

it('sends while the process is killed at a random moment of each: each arrives exactly once', async () => {
  const ledger = await sendUnderKills(pod, sandbox.client, { count: 6, seed: 7, withinMs: 1_500 });
  expect(ledger).toMatchObject({ sent: 6, lost: [], doubled: [], invented: [], threw: [] });
  expect(ledger.kills).toBe(6);
  const { outbound } = await sandbox.client.call('audit', { query: { account: NUMBER } });
  expect(Object.values(outbound).flat()).toEqual([]);
});

it('the ledger of the kills notices a message that arrives twice', async () => {
  const fault = { kind: 'duplicate-deliveries', probability: 1 } as const;
  const standing = await sandbox.client.call('addFault', { body: { account: NUMBER, fault } });
  const ledger = await sendUnderKills(pod, sandbox.client, { count: 1, seed: 8, withinMs: 100 });
  if (standing !== null) await sandbox.client.call('clearFault', { params: { id: standing.id } });
  expect(ledger).toMatchObject({ doubled: ['message 1 of seed 8'], lost: [] });
});
