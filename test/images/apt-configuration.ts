import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DebianSource, debianSources, renderSources, type SourcesFile } from './debian-sources.ts';
import { ImageError } from './errors.ts';

/**
 * The sources text to make a base of a release from: the given file as it is, or else the machine's own Debian
 * sources.
 *
 * @param root where to look for `etc`; `/` except in tests.
 * @throws ImageError `IMAGES_NO_DEBIAN_SOURCES` when there are none.
 */
export async function sourcesFor(release: string, ownFile: string | undefined, root = '/'): Promise<string> {
  if (ownFile !== undefined) return await readOwn(ownFile);
  const osRelease = await readFile(join(root, 'etc/os-release'), 'utf8').catch(() => '');
  const machineRelease = /^VERSION_CODENAME=(\S+)$/m.exec(osRelease)?.[1];
  const sources: DebianSource[] =
    machineRelease === undefined ? [] : debianSources(await aptFiles(root), machineRelease, release);
  if (sources.length > 0) return renderSources(sources);
  throw new ImageError(
    'IMAGES_NO_DEBIAN_SOURCES',
    'the stand-in bases are made from Debian packages, and /etc/apt names no Debian mirror',
    {
      remedy:
        'give an apt sources file in WHATSAPP_OPERATOR_DEBIAN_SOURCES, or build on the ordinary bases with ' +
        'WHATSAPP_OPERATOR_BASES=registry',
    },
  );
}

async function readOwn(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ImageError('IMAGES_NO_DEBIAN_SOURCES', `cannot read ${path}`, { cause });
  }
}

async function aptFiles(root: string): Promise<SourcesFile[]> {
  const folder = join(root, 'etc/apt/sources.list.d');
  const names = (await readdir(folder).catch(() => []))
    .filter((name) => /\.(list|sources)$/.test(name))
    .sort();
  const paths = [join(root, 'etc/apt/sources.list'), ...names.map((name) => join(folder, name))];
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')));
  return paths.map((name, at) => ({ name, text: texts[at] ?? '' }));
}
