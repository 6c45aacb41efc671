import * as files from 'node:fs/promises';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Files, openStore, storeError } from './store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'probe-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Real files whose contents cannot be written. */
function withoutSpace(code: string): Files {
  return {
    ...files,
    open: async (path, flags, mode) => {
      const file = await files.open(path, flags, mode);
      if (flags === 'wx') file.writeFile = () => Promise.reject(systemError(code));
      return file;
    },
  };
}

describe('the store', () => {
  it('gives back what was put, with its hash', async () => {
    const store = openStore(folder);
    expect(await store.put('a.txt', Buffer.from('hello'))).toEqual({
      name: 'a.txt',
      bytes: 5,
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    });
    expect((await store.get('a.txt')).toString()).toBe('hello');
  });

  it('replaces a content and leaves no draft', async () => {
    const store = openStore(folder);
    await store.put('a', Buffer.from('old and longer'));
    await store.put('a', Buffer.from('new'));
    expect((await store.get('a')).toString()).toBe('new');
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('keeps the old content and no draft when the disk is full', async () => {
    await writeFile(join(folder, 'a'), 'old');
    const store = openStore(folder, withoutSpace('ENOSPC'));
    await expect(store.put('a', Buffer.from('new'))).rejects.toMatchObject({
      status: 507,
      code: 'DISK_FULL',
    });
    expect(await readdir(folder)).toEqual(['a']);
    expect((await store.get('a')).toString()).toBe('old');
  });

  it('says 404 for a name that was never put', async () => {
    await expect(openStore(folder).get('nothing')).rejects.toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it.each(['', '.', '..', '../a', 'a/b', '.hidden', 'a\0b', 'x'.repeat(101)])(
    'refuses the name %j',
    async (name) => {
      const store = openStore(folder);
      await expect(store.put(name, Buffer.from('x'))).rejects.toMatchObject({
        status: 400,
        code: 'BAD_NAME',
      });
      await expect(store.get(name)).rejects.toMatchObject({ status: 400, code: 'BAD_NAME' });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('is not writable when its folder is missing, and says why a write failed', async () => {
    const store = openStore(join(folder, 'missing'));
    expect(await store.writable()).toBe(false);
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ status: 500, code: 'ENOENT' });
  });

  it.each([
    ['ENOSPC', 507, 'DISK_FULL'],
    ['EDQUOT', 507, 'DISK_FULL'],
    ['EROFS', 500, 'EROFS'],
    ['EIO', 500, 'EIO'],
  ])('turns %s into %i %s', (code, status, name) => {
    expect(storeError(systemError(code), 'a')).toMatchObject({ status, code: name });
  });
});
