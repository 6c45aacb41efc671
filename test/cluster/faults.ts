import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../machine/failure.ts';
import { kubectl } from './addons/apply.ts';
import type { Cluster } from './cluster.ts';
import { signal } from './node/process.ts';
import { partOf } from './parts/index.ts';
import { fakeNodeAnnotation } from './parts/kwok.ts';
import { isPartName, type PartName, partNames } from './parts/part.ts';
import { partRecord, partState, startPart, stopPart, waitHealthy } from './supervise.ts';

/** The part of this name. Throws `unknown_part` with the names that there are. */
export function parsePart(text: string | undefined): PartName {
  if (text !== undefined && isPartName(text)) return text;
  throw new Failure('unknown_part', `${text === undefined ? 'no part given' : `there is no part ${text}`}`, {
    remedy: `name one of: ${partNames.join(', ')}`,
  });
}

/** Takes a part away: politely, or with SIGKILL as a crash would. It stays away until it is started. */
export const stopOne = (cluster: Cluster, name: PartName, kill: boolean): Promise<void> =>
  stopPart(cluster, partOf(cluster, name), kill);

/** Starts a part that is stopped or paused and waits until it works. */
export async function startOne(cluster: Cluster, name: PartName): Promise<void> {
  const part = partOf(cluster, name);
  await startPart(cluster, part);
  await waitHealthy(cluster, part);
}

export async function restartOne(cluster: Cluster, name: PartName, kill: boolean): Promise<void> {
  await stopOne(cluster, name, kill);
  await startOne(cluster, name);
}

/** Freezes a part with SIGSTOP: its connections stay open and nothing answers. `resumeOne` ends it. */
export async function pauseOne(cluster: Cluster, name: PartName): Promise<void> {
  sendTo(cluster, name, 'SIGSTOP');
  for (let waited = 0; partState(cluster, name) !== 'stopped'; waited += 10) {
    if (waited > 2000) throw new Failure('not_paused', `${name} does not stop on SIGSTOP`);
    await sleep(10);
  }
}

export async function resumeOne(cluster: Cluster, name: PartName): Promise<void> {
  sendTo(cluster, name, 'SIGCONT');
  await waitHealthy(cluster, partOf(cluster, name));
}

function sendTo(cluster: Cluster, name: PartName, what: 'SIGSTOP' | 'SIGCONT'): void {
  const record = partRecord(cluster, name);
  if (record === undefined || partState(cluster, name) === 'gone') {
    throw new Failure('part_not_running', `${name} is not running`, {
      class: 'conflict',
      remedy: `start ${name} first`,
    });
  }
  signal(record.ref, what);
}

/** Evicts the node's pods and lets no new ones in, as an administrator does before maintenance. */
export const drain = (cluster: Cluster): Promise<string> =>
  kubectl(cluster, [
    ...[
      'drain',
      cluster.nodeName,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--force',
      '--timeout=120s',
    ],
    // DNS and the like would have nowhere to go on the only node.
    ...['--pod-selector', 'k8s-app!=kube-dns'],
  ]);

export const uncordon = (cluster: Cluster): Promise<string> =>
  kubectl(cluster, ['uncordon', cluster.nodeName]);

/** Sets the number of simulated nodes; 0 removes them and ends kwok. They carry a taint: pods must tolerate it. */
export async function setFakeNodes(cluster: Cluster, count: number): Promise<void> {
  if (!Number.isInteger(count) || count < 0 || count > 1000) {
    throw new Failure('bad_count', `${count} simulated nodes: want 0 to 1000`);
  }
  const items = Array.from({ length: count }, (_, index) => fakeNode(`fake-${index}`));
  if (count > 0) {
    await startOne(cluster, 'kwok');
    await kubectl(
      cluster,
      ['apply', '--server-side', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    );
    await kubectl(cluster, ['wait', '--for=condition=Ready', 'node', '-l', 'type=kwok', '--timeout=120s']);
  }
  const present = (await kubectl(cluster, ['get', 'node', '-l', 'type=kwok', '-o', 'name']))
    .split('\n')
    .filter(Boolean);
  const wanted = new Set(items.map((node) => `node/${node.metadata.name}`));
  const surplus = present.filter((name) => !wanted.has(name));
  if (surplus.length > 0) await kubectl(cluster, ['delete', ...surplus]);
  if (count === 0) await stopOne(cluster, 'kwok', false);
}

const fakeNode = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    annotations: { [fakeNodeAnnotation.key]: fakeNodeAnnotation.value },
    labels: {
      type: 'kwok',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/role': 'agent',
    },
  },
  spec: { taints: [{ key: fakeNodeAnnotation.key, value: fakeNodeAnnotation.value, effect: 'NoSchedule' }] },
  status: {
    allocatable: { cpu: '32', memory: '256Gi', pods: '1000' },
    capacity: { cpu: '32', memory: '256Gi', pods: '1000' },
  },
});
