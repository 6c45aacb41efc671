import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BuiltImage } from '../images/built-image.ts';
import type { Cluster } from './cluster.ts';
import { runInNode } from './node/node.ts';
import { ctr } from './parts/containerd.ts';

/** File that remembers which image a tag was loaded with, so that loading what is there costs nothing. */
const loadedRecord = (cluster: Cluster): string => join(cluster.paths.containerd, 'loaded.json');

function readLoaded(cluster: Cluster): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readFileSync(loadedRecord(cluster), 'utf8')) as Readonly<Record<string, string>>;
  } catch {
    return {};
  }
}

/** Loads images into the cluster's containerd; those that are there already are skipped. Returns what was loaded. */
export async function loadImages(
  cluster: Cluster,
  images: readonly BuiltImage[],
): Promise<readonly string[]> {
  mkdirSync(cluster.paths.containerd, { recursive: true });
  const loaded: string[] = [];
  for (const image of images) {
    if (readLoaded(cluster)[image.tag] === image.id) continue;
    await runInNode(cluster, ctr('images', 'import', '--local', image.archive));
    writeFileSync(loadedRecord(cluster), JSON.stringify({ ...readLoaded(cluster), [image.tag]: image.id }));
    loaded.push(`${image.tag} (${basename(image.archive)})`);
  }
  return loaded;
}
