import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ImageError } from './errors.ts';
import type { ScratchImageSpec } from './scratch-spec.ts';
import { findProgram, missingToolsError, searchPath } from './tools.ts';

/** The image of the process that holds a pod's namespaces: catatonit, which reaps and waits for ever. */
export function pauseImage(tag: string): ScratchImageSpec {
  return {
    tag,
    files: [{ source: '/usr/bin/catatonit', target: '/pause', mode: 0o755 }],
    entrypoint: ['/pause', '-P'],
    user: '65535:65535',
  };
}

/**
 * A shell and the usual commands, out of Debian's static busybox, each command a link to it.
 *
 * @throws ImageError `IMAGES_MISSING_TOOLS` when it is not installed.
 */
export async function busyboxImage(tag: string): Promise<ScratchImageSpec> {
  const source = await findProgram('busybox', searchPath(process.env));
  if (source === undefined) throw missingToolsError([{ program: 'busybox', package: 'busybox-static' }]);
  const { stdout } = await promisify(execFile)(source, ['--list']).catch((cause: unknown) => {
    throw new ImageError('IMAGES_TOOL_FAILED', `${source} --list failed`, { cause });
  });
  const applets = stdout.split('\n').filter((applet) => applet !== '' && applet !== 'busybox');
  return {
    tag,
    files: [{ source, target: '/bin/busybox', mode: 0o755 }],
    links: applets.map((applet) => ({ target: `/bin/${applet}`, to: 'busybox' })),
    folders: [{ target: '/tmp', mode: 0o1777 }],
    command: ['sh'],
  };
}
