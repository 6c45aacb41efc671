import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StoredEvent } from './event.ts';
import { MediaFiles } from './media-files.ts';
import { aMessage, ScriptedPage } from './testing/scripted-page.ts';

let folder: string;
let page: ScriptedPage;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inbox-media-'));
  page = new ScriptedPage();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CHAT = '5511911111111@c.us';
const messageId = (n: number) => `false_${CHAT}_M${n}`;

const anEvent = (id: number, mimetype: string | null = 'image/jpeg'): StoredEvent => ({
  id,
  type: 'message',
  chat: CHAT,
  at: 1,
  occurredAt: 1,
  message: messageId(id),
  payload: { media: { mimetype, filename: null, size: 10 } },
});

const files = (different: Partial<ConstructorParameters<typeof MediaFiles>[0]> = {}) =>
  new MediaFiles({
    folder,
    engine: { inbound: page },
    reserve: { reserveBytes: 0, free: () => 2 ** 30 },
    maxSize: 2 ** 30,
    maxTotal: 2 ** 30,
    firstEvent: () => 1,
    ...different,
  });

const offer = (n: number, bytes: Buffer) => {
  page.add(aMessage(CHAT, n));
  page.files.set(messageId(n), bytes);
};

it('fetches a file in pieces, once, however many ask', async () => {
  const bytes = Buffer.alloc(2_500_000, 'abcdefg');
  offer(1, bytes);
  const kept = files();
  const found = await Promise.all([1, 2, 3].map(() => kept.get(anEvent(1))));
  expect(readFileSync(found[0]?.path ?? '').equals(bytes)).toBe(true);
  // Opened once, read in three pieces.
  expect(page.questions).toBe(4);
  await kept.get(anEvent(1));
  expect(page.questions).toBe(4);
});

it('leaves nothing half behind: neither a failed fetch nor that of a killed process', async () => {
  offer(1, Buffer.alloc(3_000_000));
  writeFileSync(join(folder, '7.part'), 'half');
  const kept = files();
  const asked = kept.get(anEvent(1));
  setImmediate(() => setImmediate(() => (page.failures = 1)));
  await expect(asked).rejects.toMatchObject({ code: 'engine_unavailable' });
  expect(readdirSync(folder)).toEqual([]);
  expect((await kept.get(anEvent(1))).mimetype).toBe('image/jpeg');
});

it('keeps within its bounds, and drops files with their events', async () => {
  for (let n = 1; n <= 5; n++) offer(n, Buffer.alloc(1000));
  let firstEvent = 1;
  const kept = files({ maxTotal: 3000, firstEvent: () => firstEvent });
  for (let n = 1; n <= 5; n++) await kept.get(anEvent(n));
  expect(readdirSync(folder).length).toBe(3);
  firstEvent = 5;
  kept.trim();
  expect(readdirSync(folder)).toEqual(['5']);
});

it('says why there is no file', async () => {
  page.add(aMessage(CHAT, 1));
  await expect(files().get(anEvent(1))).rejects.toMatchObject({ code: 'media_gone' });
  await expect(files({ maxSize: 5 }).get(anEvent(1))).rejects.toMatchObject({
    code: 'inbound_media_too_large',
  });
  await expect(files().get(undefined)).rejects.toMatchObject({ code: 'event_not_found' });
  offer(2, Buffer.alloc(1000));
  const full = files({ reserve: { reserveBytes: 1000, free: () => 1500 } });
  await expect(full.get(anEvent(2))).rejects.toMatchObject({ code: 'storage_full' });
});

it('a content type that is none does not become a header', async () => {
  offer(1, Buffer.alloc(10));
  expect((await files().get(anEvent(1, 'image/jpeg\r\nset-cookie: a=b'))).mimetype).toBe(
    'application/octet-stream',
  );
});
