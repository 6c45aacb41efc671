import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { krewManifest } from '../../build/krew-manifest.ts';

const execute = promisify(execFile);
const workspace = join(import.meta.dirname, '../..');
const target = join(workspace, 'dist/krew');
const archive = join(target, 'kubectl-was-v0.0.0.tar.gz');

let folder: string;
let manifest: ReturnType<typeof krewManifest>;

const make = () =>
  execute('npm', ['run', '--silent', 'krew', '--', 'https://example.org/was.tar.gz'], { cwd: workspace });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'krew-'));
  await make();
  manifest = parse(await readFile(join(target, 'was.yaml'), 'utf8')) as typeof manifest;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('says where the archive is and what it must be', async () => {
  const [platform] = manifest.spec.platforms;
  expect(platform?.uri).toBe('https://example.org/was.tar.gz');
  expect(platform?.sha256).toBe(
    createHash('sha256')
      .update(await readFile(archive))
      .digest('hex'),
  );
});

it('follows the rules of krew', () => {
  // From krew's validation: names, a version with v, a short description of at most 50 characters without a dot.
  expect(manifest.metadata.name).toMatch(/^[\w-]+$/);
  expect(manifest.spec.version).toMatch(/^v\d+\.\d+\.\d+$/);
  expect(manifest.spec.shortDescription).toMatch(/^[^.]{1,50}$/);
  for (const { sha256 } of manifest.spec.platforms) expect(sha256).toMatch(/^[a-f0-9]{64}$/);
});

it('installs as krew does it: unpacked, and linked to as kubectl-was', async () => {
  await execute('tar', ['-xzf', archive, '-C', folder]);
  const link = join(folder, 'kubectl-was');
  await symlink(join(folder, manifest.spec.platforms[0]?.bin ?? ''), link);
  const { stdout } = await execute(link, ['--help']);
  expect(stdout).toContain('Usage: kubectl was');
  expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toContain('Apache License');
});

it('is the same when it is made again', async () => {
  const before = await readFile(archive);
  await make();
  expect((await readFile(archive)).equals(before)).toBe(true);
});
