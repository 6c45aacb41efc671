import { readdirSync, readFileSync } from 'node:fs';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { Informer } from '../../operator/src/kube/informer.ts';
import { silentLogger } from '../../operator/src/kube/logger.ts';
import type { Live } from '../../operator/src/kube/objects.ts';
import type { Pod } from '../../operator/src/kube/pod.ts';
import { pods } from '../../operator/src/kube/resource.ts';
import { testMetrics } from '../../operator/src/kube/testing/objects.ts';
import { managedSelector } from '../../operator/src/session/names.ts';

/**
 * Watches all the time that no claim is used twice: pods by a watch of the API server, and, where the node is on this
 * machine, the session processes themselves by the volume that they have mounted. The second tells what the first
 * cannot: a pod that is deleted by force is gone from the API server before its process is.
 */
export interface ClaimWatch {
  /** What was seen that must not be; empty. */
  readonly overlaps: readonly string[];
  /** Claims, and volumes on this machine, that were seen in use: a watch that saw none has shown nothing. */
  readonly seen: { readonly claims: number; readonly volumes: number };
  readonly stop: () => Promise<void>;
}

const LOOK_MS = 150;

export async function watchClaims(client: KubeClient, namespace: string): Promise<ClaimWatch> {
  const overlaps: string[] = [];
  const claims = new Set<string>();
  const volumes = new Set<string>();
  const living = new Map<string, Live<Pod>>();
  const informer = new Informer<Pod>({
    client,
    resource: pods,
    scope: { namespace, labelSelector: managedSelector },
    indexes: {},
    log: silentLogger,
    metrics: testMetrics().metrics,
  });
  informer.onEvent(({ kind, object }) => {
    const over = kind === 'deleted' || ['Succeeded', 'Failed'].includes(object.status?.phase ?? '');
    if (over) living.delete(object.metadata.uid);
    else living.set(object.metadata.uid, object);
    const users = [...living.values()].flatMap((pod) => claimsOf(pod).map((claim) => ({ claim, pod })));
    for (const { claim } of users) claims.add(claim);
    for (const claim of claims) {
      const names = users.filter((user) => user.claim === claim).map(({ pod }) => pod.metadata.uid);
      if (names.length > 1) overlaps.push(`pods ${names.join(' and ')} on the claim ${claim}`);
    }
  });
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  await informer.synced();
  const looking = setInterval(() => {
    for (const [volume, pids] of sessionProcesses()) {
      volumes.add(volume);
      if (pids.length > 1) overlaps.push(`processes ${pids.join(' and ')} on the volume ${volume}`);
    }
  }, LOOK_MS);
  return {
    overlaps,
    get seen() {
      return { claims: claims.size, volumes: volumes.size };
    },
    stop: async () => {
      clearInterval(looking);
      stop.abort();
      await running;
    },
  };
}

const claimsOf = (pod: Live<Pod>): readonly string[] =>
  (pod.spec.volumes ?? []).flatMap((volume) => {
    const name = (volume as { persistentVolumeClaim?: { claimName: string } }).persistentVolumeClaim
      ?.claimName;
    return name === undefined ? [] : [name];
  });

/** Session programs of this machine by their volume. */
function sessionProcesses(): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const volume = volumeOf(entry);
    if (volume !== undefined) found.set(volume, [...(found.get(volume) ?? []), Number(entry)]);
  }
  return found;
}

/** The process that started this one, by its `stat`: the second field behind the name in brackets. */
const parentOf = (stat: string): string | undefined => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];

const isSession = (pid: string): boolean =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8') === 'node\0/app/main.js\0';

/** What is mounted at /data of a process that is a session's program; undefined for any other, and for one that ended. */
function volumeOf(pid: string): string | undefined {
  try {
    if (!isSession(pid)) return undefined;
    // A child that is about to become the browser bears its parent's name until then.
    const parent = parentOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (parent !== undefined && parent !== '0' && isSession(parent)) return undefined;
    const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
    // "36 35 7:12 / /data rw,…": device, folder on it, mount point. Without loop devices only the folders differ.
    const fields = mounts.map((line) => line.split(' ')).find(([, , , , point]) => point === '/data');
    return fields === undefined ? undefined : `${fields[2]} ${fields[3]}`;
  } catch {
    return undefined;
  }
}
