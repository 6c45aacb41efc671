import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ImageError } from './errors.ts';
import type { Environment } from './settings.ts';

/** A program and the Debian package that brings it. */
export type Tool = { readonly program: string; readonly package: string };

/** What every build runs. */
export const BUILD_TOOLS: readonly Tool[] = [
  { program: 'buildah', package: 'buildah' },
  { program: 'flock', package: 'util-linux' },
  { program: 'setpriv', package: 'util-linux' },
  { program: 'unshare', package: 'util-linux' },
];

/** What making the stand-in bases runs on top. */
export const BASE_TOOLS: readonly Tool[] = [{ program: 'mmdebstrap', package: 'mmdebstrap' }];

/** Programs that go into the cluster's own small images. */
export const CONTENT_TOOLS: readonly Tool[] = [
  { program: 'catatonit', package: 'catatonit' },
  { program: 'busybox', package: 'busybox-static' },
];

/** The search path for programs: the caller's, and the folders of administration tools. */
export function searchPath(environment: Environment): string {
  const own = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const usual = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return [...new Set([...own, ...usual])].join(delimiter);
}

/** Where a program is, or undefined when it is not installed. */
export async function findProgram(program: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, program);
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return candidate;
  }
  return undefined;
}

/** Those of the tools that are not installed. */
export async function missingTools(tools: readonly Tool[], environment: Environment): Promise<Tool[]> {
  const path = searchPath(environment);
  const found = await Promise.all(tools.map((tool) => findProgram(tool.program, path)));
  return tools.filter((_, index) => found[index] === undefined);
}

/** The error that names all missing programs and the one command that installs them. */
export function missingToolsError(missing: readonly Tool[]): ImageError {
  const packages = [...new Set(missing.map((tool) => tool.package))].sort();
  return new ImageError(
    'IMAGES_MISSING_TOOLS',
    `not installed: ${missing.map((tool) => tool.program).join(', ')}`,
    { remedy: `on Debian or Ubuntu: apt-get install --no-install-recommends ${packages.join(' ')}` },
  );
}
