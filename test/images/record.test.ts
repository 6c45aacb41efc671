import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStem } from './layout.ts';
import {
  archivePath,
  dropRecord,
  GRACE_MS,
  type ImageRecord,
  listRecords,
  parseRecord,
  readRecord,
  sweepArchives,
  writeRecord,
} from './record.ts';

let archives: string;
beforeEach(async () => {
  archives = await mkdtemp(join(tmpdir(), 'records-'));
});
afterEach(() => rm(archives, { recursive: true, force: true }));

async function finish(tag: string, id: string, content = 'archive'): Promise<ImageRecord> {
  const record = { tag, id, key: undefined, archive: archivePath(archives, tag, id), bytes: content.length };
  await mkdir(archives, { recursive: true });
  await writeFile(record.archive, content);
  await writeRecord(archives, record);
  return record;
}

const ID_1 = `sha256:${'1'.repeat(64)}`;
const ID_2 = `sha256:${'2'.repeat(64)}`;

describe('the record of an image', () => {
  it('is read as it was written', async () => {
    const record = { ...(await finish('localhost/a:1', ID_1)), key: 'k' };
    await writeRecord(archives, record);
    expect(await readRecord(archives, 'localhost/a:1')).toEqual(record);
  });

  it('counts for nothing when its archive is gone or not whole', async () => {
    const { archive } = await finish('localhost/a:1', ID_1);
    await writeFile(archive, 'arch');
    expect(await readRecord(archives, 'localhost/a:1')).toBeUndefined();
    await rm(archive);
    expect(await readRecord(archives, 'localhost/a:1')).toBeUndefined();
  });

  it('is not there for an image that was never made', async () => {
    expect(await readRecord(join(archives, 'missing'), 'localhost/a:1')).toBeUndefined();
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"tag":"a","id":"b","archive":"c"}',
    '{"tag":1,"id":"b","archive":"c","bytes":1}',
  ])('counts for nothing when it reads %j', (text) => {
    expect(parseRecord(text)).toBeUndefined();
  });

  it('keeps names apart that differ only in characters a file name cannot have', () => {
    expect(fileStem('localhost/a:1')).not.toBe(fileStem('localhost-a/1'));
    expect(fileStem('localhost/a:1')).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  it('goes together with all archives of the image, and only those', async () => {
    await finish('localhost/a:1', ID_1);
    await finish('localhost/a:1', ID_2);
    const other = await finish('localhost/b:1', ID_1);
    await dropRecord(archives, 'localhost/a:1');
    expect(await listRecords(archives)).toEqual([other]);
    expect((await readdir(archives)).length).toBe(2);
  });
});

describe('archives without a record', () => {
  it('are swept once they are older than the grace', async () => {
    const old = await finish('localhost/a:1', ID_1);
    const current = await finish('localhost/a:1', ID_2);
    const ages = new Date('2026-01-01T00:00:00Z');
    await utimes(old.archive, ages, ages);
    await utimes(current.archive, ages, ages);

    await sweepArchives(archives, ages.getTime() + GRACE_MS);
    expect(await readdir(archives)).toContain(old.archive.slice(archives.length + 1));
    await sweepArchives(archives, ages.getTime() + GRACE_MS + 1);
    expect((await readdir(archives)).filter((name) => name.endsWith('.tar'))).toEqual([
      current.archive.slice(archives.length + 1),
    ]);
  });
});
