import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { stringify } from 'yaml';
import { krewManifest } from './krew-manifest.ts';

/**
 * Makes the kubectl plugin's archive and its manifest for krew, in client/dist/krew:
 * `npm run krew -w client -- URI_OF_THE_ARCHIVE`. The same sources give the same bytes.
 */
const [uri = 'file:///kubectl-was.tar.gz'] = process.argv.slice(2);
const workspace = join(import.meta.dirname, '..');
const dist = join(workspace, 'dist');
const target = join(dist, 'krew');

execFileSync(process.execPath, [join(import.meta.dirname, 'build.ts')], { stdio: 'inherit' });
const { version } = JSON.parse(await readFile(join(workspace, 'package.json'), 'utf8')) as {
  readonly version: string;
};

const content = join(target, 'content');
await rm(target, { recursive: true, force: true });
await mkdir(content, { recursive: true });
await cp(join(dist, 'cli'), content, { recursive: true });
await cp(join(workspace, '..', 'LICENSE'), join(content, 'LICENSE'));
await writeFile(join(content, 'package.json'), '{"type":"module"}\n');
const archive = join(target, `kubectl-was-v${version}.tar.gz`);
const reproducible = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
execFileSync('tar', [...reproducible, '--use-compress-program=gzip -n', '-cf', archive, '-C', content, '.']);
const sha256 = createHash('sha256')
  .update(await readFile(archive))
  .digest('hex');
await writeFile(
  join(target, 'was.yaml'),
  stringify(krewManifest({ version, uri, sha256 }), { lineWidth: 100 }),
);
await rm(content, { recursive: true });
console.log(`client/dist/krew: was.yaml and kubectl-was-v${version}.tar.gz (${sha256})`);
