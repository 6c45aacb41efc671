import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../machine/failure.ts';
import { kubectl } from './addons/apply.ts';
import type { Cluster } from './cluster.ts';
import { runInNode } from './node/node.ts';

/**
 * The volumes of a cluster from the machine's side: each is an ext4 filesystem of the claimed size in a file,
 * mounted in the node (addons/storage.ts makes them).
 */

/** Mounts what the last life of the node had mounted; before the kubelet starts, which would else see empty folders. */
export async function remountVolumes(cluster: Cluster): Promise<void> {
  const { volumes } = cluster.paths;
  if (!existsSync(volumes)) return;
  for (const image of readdirSync(volumes).filter((name) => name.endsWith('.img'))) {
    const path = join(volumes, image);
    // A volume that was in use when the node died has a journal to replay; a clean one is not touched.
    await runInNode(cluster, ['sh', '-c', 'fsck.ext4 -p "$1" >&2 || [ $? -le 1 ]', 'fsck', path]);
    await runInNode(cluster, ['mount', '-o', 'loop', path, path.slice(0, -'.img'.length)]);
  }
}

/** Name of the file that takes the space of a filled volume. */
const ballast = '.ballast';

interface PersistentVolume {
  readonly spec: {
    readonly local?: { readonly path: string };
    readonly hostPath?: { readonly path: string };
  };
}

/** Folder of the volume that is bound to a claim. Throws `volume_not_found`. */
async function volumeFolder(cluster: Cluster, namespace: string, claim: string): Promise<string> {
  const name = await kubectl(cluster, [
    '-n',
    namespace,
    'get',
    'pvc',
    claim,
    '-o',
    'jsonpath={.spec.volumeName}',
  ]);
  if (name === '') {
    throw new Failure('volume_not_found', `the claim ${namespace}/${claim} has no volume yet`, {
      class: 'retry',
      remedy: 'wait until a pod uses it: volumes are made for their first pod',
    });
  }
  const volume = JSON.parse(await kubectl(cluster, ['get', 'pv', name, '-o', 'json'])) as PersistentVolume;
  const path = volume.spec.local?.path ?? volume.spec.hostPath?.path;
  if (path === undefined || !existsSync(`${path}.img`)) {
    throw new Failure(
      'volume_without_limit',
      `the volume of ${namespace}/${claim} has no filesystem of its own`,
      {
        remedy:
          'this needs loop devices on the machine (/dev/loop-control): filling it would fill the machine',
      },
    );
  }
  return path;
}

/** Fills a claim's volume until `freeBytes` are left; its pods then get ENOSPC. Returns the bytes left. */
export async function fillVolume(
  cluster: Cluster,
  namespace: string,
  claim: string,
  freeBytes: number,
): Promise<number> {
  const folder = await volumeFolder(cluster, namespace, claim);
  await emptyVolume(cluster, namespace, claim);
  const free = await freeBytesOf(cluster, folder);
  const size = Math.max(0, free - freeBytes);
  if (size > 0) {
    // fallocate takes whole blocks; what is then left of the last ones is taken by writing until nothing fits.
    await runInNode(cluster, [
      'sh',
      '-c',
      fillScript,
      'fill',
      join(folder, ballast),
      String(size),
      String(freeBytes),
    ]);
  }
  return await freeBytesOf(cluster, folder);
}

const fillScript = `fallocate -l "$2" "$1" 2>/dev/null || fallocate -l "$(( $2 * 98 / 100 ))" "$1"
[ "$3" != 0 ] || dd if=/dev/zero of="$1.rest" bs=4096 2>/dev/null || true`;

/** Takes the ballast out again. */
export async function emptyVolume(cluster: Cluster, namespace: string, claim: string): Promise<void> {
  const folder = await volumeFolder(cluster, namespace, claim);
  await runInNode(cluster, ['rm', '-f', join(folder, ballast), join(folder, `${ballast}.rest`)]);
}

async function freeBytesOf(cluster: Cluster, folder: string): Promise<number> {
  const [blocks = '0', size = '0'] = (await runInNode(cluster, ['stat', '-f', '-c', '%a %S', folder]))
    .trim()
    .split(' ');
  return Number(blocks) * Number(size);
}
