import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaStore, type MediaStoreOptions } from './media.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let folder: string;
const needed = new Set<string>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'media-'));
  needed.clear();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const opened = (different: Partial<MediaStoreOptions> = {}) =>
  new MediaStore({
    folder,
    maxSize: 1000,
    reserve: { reserveBytes: 0, free: () => 2 ** 40 },
    isNeeded: (digest) => needed.has(digest),
    ...different,
  });

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('staging', () => {
  it('puts the whole file under its digest, with the type that its bytes tell', async () => {
    const media = opened();
    const staged = await media.stage(PNG, { filename: 'a.jpg', mimetype: 'image/jpeg' });
    expect(staged).toMatchObject({
      digest: sha256(PNG),
      size: PNG.byteLength,
      mimetype: 'image/png',
      sniffed: 'image/png',
      filename: 'a.jpg',
    });
    expect(readFileSync(media.pathOf(staged.digest))).toEqual(PNG);
  });

  it('takes a stream, and the declared type when the bytes tell none', async () => {
    const media = opened();
    const staged = await media.stage(Readable.from([Buffer.from('a;b\n'), Buffer.from('1;2\n')]), {
      mimetype: 'text/csv',
    });
    expect(staged).toMatchObject({ size: 8, mimetype: 'text/csv', sniffed: undefined });
    expect((await media.stage(Buffer.from('x'))).mimetype).toBe('application/octet-stream');
  });

  const refusals: readonly (readonly [string, () => Promise<unknown>, object])[] = [
    ['a file that is too large', () => opened().stage(Buffer.alloc(1001)), { code: 'media_too_large' }],
    [
      'a stream that becomes too large',
      () => opened().stage(Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(100)))),
      { code: 'media_too_large' },
    ],
    ['an empty file', () => opened().stage(Buffer.alloc(0)), { code: 'media_empty' }],
    [
      'any file while the volume is nearly full',
      () => opened({ reserve: { reserveBytes: 100, free: () => 100 } }).stage(PNG),
      { code: 'storage_full', class: 'retry' },
    ],
    [
      'a stream that breaks',
      () =>
        opened().stage(
          Readable.from(
            (async function* () {
              yield Buffer.from('half');
              throw new Error('connection reset');
            })(),
          ),
        ),
      { message: 'connection reset' },
    ],
    [
      'what nobody wants any more',
      () => opened().stage(Readable.from([PNG]), { signal: AbortSignal.abort(new Error('gone')) }),
      { message: 'gone' },
    ],
  ];

  it.each(refusals)('refuses %s, and leaves nothing behind', async (_what, stage, error) => {
    await expect(stage()).rejects.toMatchObject(error);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a staged file', () => {
  it('goes when it is released and no message needs it', async () => {
    const media = opened();
    const staged = await media.stage(PNG);
    staged.release();
    staged.release();
    expect(await media.has(staged.digest)).toBe(false);
  });

  it('stays while a message needs it', async () => {
    const media = opened();
    const staged = await media.stage(PNG);
    needed.add(staged.digest);
    staged.release();
    expect(await media.has(staged.digest)).toBe(true);
    needed.delete(staged.digest);
    media.discard(staged.digest);
    expect(await media.has(staged.digest)).toBe(false);
  });

  it('stays for the second request with the same bytes, when the message of the first ends', async () => {
    const media = opened();
    const [first, second] = [await media.stage(PNG), await media.stage(PNG)];
    first.release();
    media.discard(first.digest);
    expect(await media.has(second.digest)).toBe(true);
    second.release();
    expect(await media.has(second.digest)).toBe(false);
  });
});

describe('a start', () => {
  it('removes halves and files that no message needs, and keeps the others', () => {
    for (const name of ['.half', 'orphan', 'needed']) writeFileSync(join(folder, name), 'x');
    needed.add('needed');
    opened();
    expect(readdirSync(folder)).toEqual(['needed']);
  });
});
