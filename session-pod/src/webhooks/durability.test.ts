import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Store } from '../store/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inbox-durability-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Receives in a process of its own until that is killed; the events that the webhook got. */
async function receiveUntilKilled(ms: number): Promise<readonly number[]> {
  const script = join(import.meta.dirname, 'testing', 'receive-for-ever.ts');
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, ms));
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  const [code, signal] = await gone;
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  return said.split('\n').slice(0, -1).map(Number);
}

it('kill -9 at any moment: the log is complete, in order and without gaps, and no cursor is ahead of an answer', async () => {
  const got: number[] = [];
  for (let round = 0; round < 5; round++) got.push(...(await receiveUntilKilled(100 + Math.random() * 500)));
  const store = Store.open({ folder });
  try {
    const rows = store.database.prepare('SELECT id, type, chat, message FROM events ORDER BY id').all();
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, index) => index + 1));
    const messages = rows.filter(({ type }) => type === 'message');
    expect(messages.length).toBeGreaterThan(200);
    expect(store.counters.total('inboundMessages')).toBe(messages.length);
    const chats = Map.groupBy(messages, ({ chat }) => String(chat));
    expect(chats.size).toBe(3);
    for (const [, ofChat] of chats) {
      const numbers = ofChat.map(({ message }) => Number(/M(\d+)$/.exec(String(message))?.[1]));
      // Every third number is of this chat: none is missing, none is there twice.
      expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + 3 * index));
      expect(numbers[0]).toBeLessThanOrEqual(3);
    }
    const chatOf = new Map(rows.map(({ id, chat }) => [Number(id), String(chat)]));
    const seen = new Set(got);
    for (const [chat, ids] of Map.groupBy([...seen], (id) => chatOf.get(id) ?? '')) {
      expect([chat, ids]).toEqual([chat, [...ids].sort((a, b) => a - b)]);
    }
    const deliveredTo = Number(
      store.database.prepare('SELECT delivered_to FROM webhooks').get()?.['delivered_to'],
    );
    for (let id = 1; id <= deliveredTo; id++) expect(seen.has(id)).toBe(true);
    const cursors = store.database.prepare('SELECT chat, event FROM webhook_cursors').all();
    expect(cursors.length).toBeGreaterThan(0);
    for (const { chat, event } of cursors) {
      const upTo = rows.filter((row) => row['chat'] === chat && Number(row['id']) <= Number(event));
      for (const { id } of upTo) expect(seen.has(Number(id))).toBe(true);
    }
  } finally {
    store.close();
  }
}, 120_000);
