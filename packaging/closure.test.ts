import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closureOf, copyClosure, type LockedPackages } from './closure.ts';

const locked: LockedPackages = {
  '': {},
  pod: {},
  'node_modules/engine': { integrity: 'e1', dependencies: { page: '1', tool: '1' } },
  'node_modules/page': { integrity: 'p1', dependencies: { tool: '2', engine: '1' } },
  'node_modules/page/node_modules/tool': { integrity: 't2' },
  'node_modules/tool': { integrity: 't1' },
  'node_modules/unrelated': { integrity: 'u1' },
  'pod/node_modules/log': { integrity: 'l2', dependencies: { tool: '1' } },
  'node_modules/log': { integrity: 'l1' },
};

describe('the closure of a package', () => {
  it('holds what it depends on, each from the nearest node_modules, and nothing else', () => {
    expect(closureOf(locked, '', ['engine'])).toEqual([
      'node_modules/engine',
      'node_modules/page',
      'node_modules/page/node_modules/tool',
      'node_modules/tool',
    ]);
  });

  it("begins in the workspace's own node_modules", () => {
    expect(closureOf(locked, 'pod', ['log'])).toEqual(['node_modules/tool', 'pod/node_modules/log']);
    expect(closureOf(locked, '', ['log'])).toEqual(['node_modules/log']);
  });

  it('says which dependency of which package the lock file lacks', () => {
    const torn = { ...locked, 'node_modules/tool': { dependencies: { gone: '1' } } };
    expect(() => closureOf(torn, '', ['engine'])).toThrow('no gone, which node_modules/tool depends on');
  });
});

describe('copying it', () => {
  let repository: string;
  beforeEach(async () => {
    repository = await mkdtemp(join(tmpdir(), 'closure-'));
  });
  afterEach(() => rm(repository, { recursive: true, force: true }));

  const write = async (path: string, text: string, mode = 0o600) => {
    await mkdir(dirname(join(repository, path)), { recursive: true });
    await writeFile(join(repository, path), text, { mode });
  };
  const install = async (packages: LockedPackages, installed: LockedPackages = packages) => {
    await write('package-lock.json', JSON.stringify({ packages }));
    await write('node_modules/.package-lock.json', JSON.stringify({ packages: installed }));
    for (const folder of Object.keys(installed).filter((key) => key.includes('node_modules/'))) {
      await write(`${folder}/index.js`, folder);
    }
    await write('node_modules/engine/bin/run', '#!', 0o700);
  };

  it('keeps places and content, opens the files to all, and drops what was there before', async () => {
    await install(locked);
    const target = join(repository, 'dist');
    await write('dist/node_modules/old/index.js', 'old');
    expect(await copyClosure(repository, 'pod', ['engine', 'log'], target)).toBe(5);
    expect((await readdir(join(target, 'node_modules'))).sort()).toEqual(['engine', 'log', 'page', 'tool']);
    const read = (path: string) => readFile(join(target, 'node_modules', path, 'index.js'), 'utf8');
    expect(await read('page/node_modules/tool')).toBe('node_modules/page/node_modules/tool');
    expect(await read('log')).toBe('pod/node_modules/log');
    const mode = async (path: string) => (await stat(join(target, 'node_modules', path))).mode & 0o777;
    expect([await mode('engine'), await mode('engine/index.js'), await mode('engine/bin/run')]).toEqual([
      0o755, 0o644, 0o755,
    ]);
  });

  it('refuses a node_modules that is not what the lock file says', async () => {
    await install(locked, { ...locked, 'node_modules/tool': { integrity: 'other' } });
    await expect(copyClosure(repository, '', ['engine'], join(repository, 'dist'))).rejects.toMatchObject({
      code: 'package_not_installed',
      message: expect.stringContaining('run npm ci'),
    });
  });
});
