import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from './build/progress.ts';
import { groupOf, linkOf } from './cluster.ts';
import { destroyNode } from './node/node.ts';
import type { Settings } from './settings.ts';
import { withClusterLock } from './up.ts';

/**
 * Ends the cluster of this name and removes all of it: processes, mounts, namespaces, cgroups, link, routes and
 * data. Built binaries and images stay in the cache. Works on half a cluster, and on none.
 */
export async function down(settings: Settings, name: string, progress: Progress): Promise<void> {
  await withClusterLock(settings, name, 'removing it', progress, async () => {
    progress.status(() => `removing cluster ${name}`);
    await destroyNode(groupOf(name), linkOf(name));
    removeData(settings, name);
  });
}

/** In one step first: half of a cluster's data must never be taken for a cluster. */
function removeData(settings: Settings, name: string): void {
  const doomed = join(settings.stateDir, `.${name}.removing`);
  rmSync(doomed, { recursive: true, force: true });
  const dir = join(settings.stateDir, name);
  if (existsSync(dir)) renameSync(dir, doomed);
  rmSync(doomed, { recursive: true, force: true });
}

/** Ends the node at once, as a machine that loses power would, and keeps its data for the next `up`. */
export async function stop(settings: Settings, name: string, progress: Progress): Promise<void> {
  await withClusterLock(settings, name, 'stopping it', progress, async () => {
    progress.status(() => `stopping cluster ${name}`);
    await destroyNode(groupOf(name), linkOf(name));
  });
}
