import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourcesFor } from './apt-configuration.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'apt-'));
  await mkdir(join(root, 'etc/apt/sources.list.d'), { recursive: true });
  await writeFile(join(root, 'etc/os-release'), 'ID=debian\nVERSION_CODENAME=bookworm\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the sources of a base', () => {
  it("are the machine's Debian ones from every file, without the others", async () => {
    await writeFile(join(root, 'etc/apt/sources.list'), 'deb http://one.example/debian bookworm main\n');
    await writeFile(
      join(root, 'etc/apt/sources.list.d/b.list'),
      'deb http://two.example/debian-security bookworm-security main\n',
    );
    await writeFile(
      join(root, 'etc/apt/sources.list.d/c.list'),
      'deb http://vendor.example/apt stable main\n',
    );
    await writeFile(
      join(root, 'etc/apt/sources.list.d/d.save'),
      'deb http://old.example/debian bookworm main\n',
    );
    const text = await sourcesFor('bookworm', undefined, root);
    expect(text.match(/^URIs: .*$/gm)).toEqual([
      'URIs: http://one.example/debian',
      'URIs: http://two.example/debian-security',
    ]);
  });

  it("are the user's own file as it is, when there is one", async () => {
    const own = join(root, 'own.sources');
    await writeFile(own, 'anything\n');
    expect(await sourcesFor('bookworm', own, root)).toBe('anything\n');
  });

  it('say what to do when the machine names no mirror', async () => {
    await expect(sourcesFor('bookworm', undefined, root)).rejects.toMatchObject({
      code: 'IMAGES_NO_DEBIAN_SOURCES',
      remedy: expect.stringContaining('WHATSAPP_OPERATOR_DEBIAN_SOURCES'),
    });
  });

  it('say which file cannot be read', async () => {
    await expect(sourcesFor('bookworm', join(root, 'none'), root)).rejects.toMatchObject({
      code: 'IMAGES_NO_DEBIAN_SOURCES',
      message: `cannot read ${join(root, 'none')}`,
    });
  });
});
