import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Profile } from './profile.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'profile-'));
});
afterEach(() => rm(data, { recursive: true }));

const account = { id: '491@c.us', name: 'A', platform: undefined };

describe('a profile', () => {
  test('is prepared without the locks of another browser, and keeps everything else', async () => {
    const profile = new Profile(data);
    await profile.prepare();
    await symlink('elsewhere-1', join(profile.folder, 'SingletonLock'));
    await writeFile(join(profile.folder, 'Local State'), '{}');
    await profile.prepare();
    expect(await readdir(profile.folder)).toEqual(['Local State']);
  });

  test('remembers the account over restarts, until it is wiped', async () => {
    await new Profile(data).keepAccount(account);
    expect(await new Profile(data).account()).toEqual(account);
    await new Profile(data).wipe();
    expect(await new Profile(data).account()).toBeUndefined();
  });

  test('takes a file that it cannot read for no account', async () => {
    await writeFile(join(data, 'account.json'), '{"id":');
    expect(await new Profile(data).account()).toBeUndefined();
  });

  test('has room on a volume that has', async () => {
    expect(await new Profile(data).hasRoom()).toBe(true);
  });
});
