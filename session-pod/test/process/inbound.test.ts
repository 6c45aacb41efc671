import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EventResource,
  eventPageSchema,
  type Stats,
  type Webhook,
} from '@whatsapp-operator/api/session';
import { startTestSandbox, type TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkAccounts } from '../../accounting/check.ts';
import { readRecords } from '../../accounting/records.ts';
import { findBrowserGroups, killGroup, listProcesses } from '../../src/engine/process-tree.ts';
import { PodProcess } from './pod-process.ts';

/** What comes in, with the real library in a real browser, while page, browser and process are killed. */

const CHATS = ['4915700000000@c.us', '4915700000001@c.us', '4915700000002@c.us'] as const;
const [FRIEND] = CHATS;
/** What a busy machine may need for anything below. Milliseconds. */
const PATIENCE = { timeout: 120_000, interval: 200 };

let sandbox: TestSandbox;
let folder: string;
let number: string;
let next = 4_915_130_000_000;
const pods: PodProcess[] = [];

beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ACCOUNTS: '0', SANDBOX_TIMING_SYNC_MS: '100' });
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pod-inbound-'));
  number = String(next++);
  await sandbox.client.call('createAccount', { body: { number } });
});
afterEach(async () => {
  for (const pod of pods.splice(0)) await pod.end();
  for (const group of await findBrowserGroups(join(folder, 'profile'))) await killGroup(group, 10_000);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
afterAll(() => sandbox.stop());

/** A receiver that answers as it is told, and keeps the first of each id, in order. */
class Receiver {
  readonly events: Envelope[] = [];
  /** Everything that was answered 2xx, also what came again. */
  readonly lines: { readonly id: string; readonly sequence: number }[] = [];
  /** What it answers; undefined closes the connection without an answer. */
  status: () => number | undefined = () => 200;
  readonly #known = new Set<string>();
  readonly #server: Server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const status = this.status();
      if (status === undefined) {
        request.socket.destroy();
        return;
      }
      if (status < 300) this.#take(JSON.parse(text) as Envelope);
      response.writeHead(status).end();
    });
  });

  #take(event: Envelope): void {
    this.lines.push(event);
    if (this.#known.has(event.id)) return;
    this.#known.add(event.id);
    this.events.push(event);
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  bodies(chat: string): readonly string[] {
    return this.events
      .filter(({ event, payload }) => event === 'message' && payload.chat === chat)
      .map(({ payload }) => payload.body);
  }
}

interface Envelope {
  readonly id: string;
  readonly event: string;
  readonly sequence: number;
  readonly payload: Payload;
}

interface Payload {
  readonly chat: string;
  readonly body: string;
}

function start(environment: Readonly<Record<string, string>> = {}): PodProcess {
  const pod = new PodProcess({
    DATA_DIR: folder,
    SANDBOX_URL: sandbox.controlUrl,
    WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'true',
    INBOX_RECONCILE_INTERVAL: '2s',
    ...environment,
  });
  pods.push(pod);
  return pod;
}

const stateOf = async (pod: PodProcess): Promise<unknown> =>
  ((await (await pod.get('api', '/api/v1/session')).json()) as { readonly state: unknown }).state;

const reaches = (pod: PodProcess, state: string) =>
  expect
    .poll(async () => (pod.port('api') === undefined ? pod.output : await stateOf(pod)), PATIENCE)
    .toBe(state);

async function startLinked(environment: Readonly<Record<string, string>> = {}): Promise<PodProcess> {
  const pod = start(environment);
  await reaches(pod, 'Pairing');
  await expect.poll(async () => (await pod.get('api', '/api/v1/session/qr')).status, PATIENCE).toBe(200);
  const { qr } = (await (await pod.get('api', '/api/v1/session/qr')).json()) as { readonly qr: string };
  await sandbox.client.call('scan', { params: { number }, body: { qr } });
  await reaches(pod, 'Connected');
  return pod;
}

const write = (chat: string, body: string) =>
  sandbox.client.call('inject', { params: { number }, body: { chat, content: { kind: 'text', body } } });

async function eventsOf(pod: PodProcess, types = ''): Promise<readonly EventResource[]> {
  const all: EventResource[] = [];
  for (let after = 0; ; ) {
    const path = `/api/v1/events?after=${after}&limit=500${types === '' ? '' : `&types=${types}`}`;
    // As the contract has it, whatever the event.
    const page = eventPageSchema.parse(await (await pod.get('api', path)).json());
    if (page.events.length === 0) return all;
    all.push(...page.events);
    after = page.next;
  }
}

const bodiesOf = (events: readonly EventResource[], chat: string): readonly string[] =>
  events.flatMap((event) => (event.type === 'message' && event.chat === chat ? [event.payload.body] : []));

/** Kills one process of the browser, by its kind. */
async function killOne(kind: 'renderer' | 'browser'): Promise<void> {
  const groups = await findBrowserGroups(join(folder, 'profile'));
  for (const { pid, group, zombie } of await listProcesses()) {
    if (zombie || !groups.includes(group)) continue;
    let line = '';
    try {
      line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      continue;
    }
    const found = kind === 'browser' ? pid === group : line.includes('--type=renderer');
    if (!found) continue;
    process.kill(pid, 'SIGKILL');
    return;
  }
}

test('200 messages while page, browser and process are killed: each once in the log and at the webhook, in order', async () => {
  const receiver = new Receiver();
  const url = await receiver.listen();
  try {
    const webhooks = JSON.stringify([{ id: 'crm', url, events: ['message'] }]);
    let pod = await startLinked({ WEBHOOKS: webhooks });
    const again = async (): Promise<PodProcess> => {
      pod.child.kill('SIGKILL');
      await pod.exit;
      return start({ WEBHOOKS: webhooks });
    };
    const schedule: Readonly<Record<number, () => unknown>> = {
      30: () => killOne('renderer'),
      60: () => {
        receiver.status = () => undefined;
      },
      90: () => killOne('browser'),
      110: () => {
        receiver.status = () => (Math.random() < 0.5 ? 500 : 200);
      },
      130: async () => {
        pod = await again();
      },
      170: async () => {
        pod = await again();
        await reaches(pod, 'Connected');
      },
    };
    const expected = new Map<string, string[]>(CHATS.map((chat) => [chat, []]));
    for (let n = 0; n < 200; n++) {
      const chat = CHATS[n % CHATS.length] ?? FRIEND;
      await write(chat, `inbound ${n}`);
      expected.get(chat)?.push(`inbound ${n}`);
      await schedule[n]?.();
    }
    receiver.status = () => 200;
    await expect
      .poll(
        async () => (await stateOf(pod).catch(() => '')) === 'Connected' && receiver.events.length,
        PATIENCE,
      )
      .toBe(200);
    const events = await eventsOf(pod);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    for (const chat of CHATS) {
      expect(bodiesOf(events, chat)).toEqual(expected.get(chat));
      expect(receiver.bodies(chat)).toEqual(expected.get(chat));
    }
    const { pending, deadLetters } = (await (await pod.get('api', '/api/v1/webhooks/crm')).json()) as Webhook;
    expect([pending, deadLetters]).toEqual([0, 0]);
    for (const chat of CHATS) {
      const content = { type: 'text', text: `to ${chat}` };
      const sent = await pod.post('/api/v1/messages?wait=delivered&timeout=60', { to: chat, content });
      expect(sent.status).toBe(200);
    }
    const stats = (await (await pod.get('api', '/api/v1/stats')).json()) as Stats;
    expect([stats.balanced, stats.checks]).toEqual([true, stats.checks]);
    pod.child.kill('SIGTERM');
    await pod.exit;
    const findings = checkAccounts({
      records: readRecords(join(folder, 'session.db')),
      ledger: await sandbox.client.call('ledger', { query: { account: number } }),
      received: new Map([['crm', receiver.lines]]),
    });
    expect(findings).toEqual([]);
  } finally {
    receiver.close();
  }
}, 400_000);

test('edits, deletions, reactions, acks and files, live and from while it was away', async () => {
  let pod = await startLinked();
  const story = async () =>
    (await eventsOf(pod))
      .filter(({ type }) => type !== 'session.status')
      .map((event) => `${event.type} ${'body' in event.payload ? event.payload.body : ''}`.trim());
  const change = { params: { number, chat: FRIEND } };
  const first = await write(FRIEND, 'frist');
  await expect.poll(story, PATIENCE).toEqual(['message frist']);
  await sandbox.client.call('edit', { params: { ...change.params, id: first.id }, body: { body: 'first' } });
  await expect.poll(story, PATIENCE).toContain('message.edited first');
  await sandbox.client.call('react', { params: { ...change.params, id: first.id }, body: { emoji: '👍' } });
  await expect.poll(story, PATIENCE).toContain('message.reaction');

  pod.child.kill('SIGTERM');
  await pod.exit;
  await sandbox.client.call('revoke', { params: { ...change.params, id: first.id }, body: {} });
  await sandbox.client.call('react', { params: { ...change.params, id: first.id }, body: { emoji: '' } });
  const data = Buffer.from('these are the bytes of a picture').toString('base64');
  await sandbox.client.call('inject', {
    params: { number },
    body: { chat: FRIEND, content: { kind: 'media', mimetype: 'image/jpeg', data, caption: 'look' } },
  });
  await sandbox.client.call('inject', {
    params: { number },
    body: { chat: FRIEND, author: `${number}@c.us`, content: { kind: 'text', body: 'from my phone' } },
  });
  pod = start();
  await expect
    .poll(story, PATIENCE)
    .toEqual(expect.arrayContaining(['message look', 'message.any from my phone', 'message.revoked']));
  const events = await eventsOf(pod);
  const reactions = events.flatMap((event) =>
    event.type === 'message.reaction' ? [event.payload.reaction.text] : [],
  );
  expect(reactions).toEqual(['👍', '']);
  const picture = events.find((event) => event.type === 'message' && event.payload.hasMedia);
  for (let time = 0; time < 2; time++) {
    const response = await pod.get('api', `/api/v1/events/${picture?.id}/media`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(Buffer.from(await response.arrayBuffer()).toString('base64')).toBe(data);
  }
  expect((await pod.get('api', `/api/v1/events/${events[0]?.id}/media`)).status).toBe(404);

  const sent = await pod.post('/api/v1/messages?wait=delivered&timeout=60', {
    to: FRIEND,
    content: { type: 'text', text: 'answer' },
  });
  expect(sent.status).toBe(200);
  await expect.poll(async () => (await eventsOf(pod, 'message.ack')).length, PATIENCE).toBeGreaterThan(0);
  expect(await story()).not.toContain('message.any answer');
}, 300_000);

test('nothing from before linking is told, and everything since', async () => {
  await write(FRIEND, 'long before');
  await new Promise((resolve) => setTimeout(resolve, 8000));
  const pod = await startLinked();
  await write(FRIEND, 'after');
  await expect.poll(async () => bodiesOf(await eventsOf(pod), FRIEND), PATIENCE).toEqual(['after']);
}, 200_000);
