import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuiltImage } from '../images/built-image.ts';
import { buildScratchImage } from '../images/scratch-image.ts';
import type { BuildOptions } from '../images/workshop.ts';
import { describeFailure, Failure } from '../machine/failure.ts';
import { acquireLock, type LockOwner } from '../machine/lock.ts';
import { applyAddons, kubectl } from './addons/apply.ts';
import { systemImages } from './addons/system-images.ts';
import { buildPrograms, programsToBuild } from './build/build.ts';
import { formatSeconds } from './build/estimate.ts';
import { clusterPrograms } from './build/programs.ts';
import type { Progress } from './build/progress.ts';
import { type Cluster, clusterPaths } from './cluster.ts';
import { writeKubeconfigs } from './control/kubeconfig.ts';
import { ensurePki } from './control/pki.ts';
import { loadImages } from './images.ts';
import { chooseRange } from './node/addresses.ts';
import { createNode, destroyNode, nodeInit } from './node/node.ts';
import { partOf } from './parts/index.ts';
import { type PartName, partNames } from './parts/part.ts';
import { gatherFacts } from './preflight/facts.ts';
import { ensureMachineReady } from './preflight/preflight.ts';
import {
  allRecords,
  type ClusterRecord,
  clusterOf,
  currentBootId,
  newRecord,
  readRecord,
  writeRecord,
} from './record.ts';
import type { Settings } from './settings.ts';
import { checkHealth, partRecord, startPart, stopPart, waitHealthy } from './supervise.ts';
import { remountVolumes } from './volumes.ts';

/** What a start found and did. */
export type UpOutcome = 'started' | 'repaired' | 'already-running';

/**
 * Brings the cluster of this name up, whatever state it is in, and returns when its node is Ready.
 *
 * Expected: nothing there -> a new cluster; everything running -> nothing happens; some parts down or paused ->
 * they are started; the node gone (killed, machine restarted) -> started again on its data.
 * Guarantees: one `up` or `down` at a time per name, the others wait; when a start from nothing fails, what it
 * started is ended again and its logs stay.
 */
export async function up(
  settings: Settings,
  name: string,
  progress: Progress,
): Promise<{ readonly cluster: Cluster; readonly outcome: UpOutcome }> {
  const before = readRecord(settings.stateDir, name);
  await ensureMachineReady(
    {
      settings,
      ownRange: before?.range,
      programsToBuild: programsToBuild(clusterPrograms, settings.cacheDir),
    },
    progress,
  );
  const binDir = await buildPrograms(clusterPrograms, settings.cacheDir, progress);
  return await withClusterLock(settings, name, 'starting it', progress, async () => {
    const record = { ...(await recordFor(settings, name, progress)), binDir };
    const cluster = clusterOf(settings.stateDir, nodeRunsOn(settings, record) ?? record);
    if (nodeInit(cluster) !== undefined && record.bootId === currentBootId()) {
      return { cluster, outcome: await repair(cluster, progress) };
    }
    const machineRestarted = record.bootId !== currentBootId();
    writeRecord(settings.stateDir, { ...record, bootId: currentBootId() });
    await startOnData(cluster, machineRestarted, progress);
    return { cluster, outcome: 'started' };
  });
}

/** A running cluster keeps the binaries that it was started with until it is started anew. */
function nodeRunsOn(settings: Settings, record: ClusterRecord): ClusterRecord | undefined {
  const stored = readRecord(settings.stateDir, record.name);
  return stored !== undefined && nodeInit(clusterOf(settings.stateDir, stored)) !== undefined
    ? stored
    : undefined;
}

/** Runs something while holding the cluster's lock. */
export async function withClusterLock<T>(
  settings: Settings,
  name: string,
  doing: string,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await acquireLock(clusterPaths(settings.stateDir, name).lock, {
    doing,
    onWait: (owner: LockOwner | undefined) =>
      progress.line(
        `process ${owner?.pid ?? '?'} is at cluster ${name} (${owner?.doing ?? 'unknown'}): waiting for it`,
      ),
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Lock for choosing addresses; no cluster can have this name. */
const addressLock = '_addresses';

/** The stored record, or a new one with a range that nobody uses; chosen under a lock of its own. */
async function recordFor(settings: Settings, name: string, progress: Progress): Promise<ClusterRecord> {
  const stored = readRecord(settings.stateDir, name);
  if (stored !== undefined) return stored;
  return await withClusterLock(
    settings,
    addressLock,
    `choosing addresses for ${name}`,
    progress,
    async () => {
      const facts = await gatherFacts({ settings, ownRange: undefined, programsToBuild: 0 });
      const taken = [...facts.networksInUse, ...allRecords(settings.stateDir).map((other) => other.range)];
      const range = settings.range ?? chooseRange(taken);
      if (range === undefined) {
        throw new Failure('no_free_range', 'no free address range is left for another cluster', {
          remedy: 'make cluster-down another one, or set CLUSTER_RANGE',
        });
      }
      const record = newRecord(settings, name, range, new Date());
      writeRecord(settings.stateDir, record);
      return record;
    },
  );
}

async function repair(cluster: Cluster, progress: Progress): Promise<UpOutcome> {
  // kwok is wanted when somebody has started it.
  const wanted = partNames.filter((name) => name !== 'kwok' || partRecord(cluster, name) !== undefined);
  const health = await Promise.all(wanted.map((name) => checkHealth(cluster, partOf(cluster, name))));
  const ailing = wanted.filter((_, index) => health[index] !== 'healthy');
  if (ailing.length === 0) return 'already-running';
  progress.line(`cluster ${cluster.name} runs without ${ailing.join(', ')}: mending it`);
  if (ailing.includes('apiserver')) {
    // What watches the API server backs off while it is away, up to half a minute: started anew it need not wait.
    for (const name of ['proxy', 'netpol', 'provisioner'] as const)
      await stopPart(cluster, partOf(cluster, name));
  }
  await startParts(cluster, progress);
  if (ailing.includes('kwok')) await startAndWait(cluster, 'kwok');
  if (ailing.includes('apiserver')) {
    await kubectl(cluster, ['-n', 'kube-system', 'rollout', 'restart', 'deployment/coredns']);
    await waitForAddons(cluster);
  }
  return 'repaired';
}

async function startAndWait(cluster: Cluster, name: PartName): Promise<void> {
  await startPart(cluster, partOf(cluster, name));
  await waitHealthy(cluster, partOf(cluster, name));
}

/** etcd does not wait for the disk, so what a machine held that went down hard may be no use any more. */
async function startOnData(cluster: Cluster, machineRestarted: boolean, progress: Progress): Promise<void> {
  try {
    await startFromNothing(cluster, progress);
  } catch (error) {
    if (!machineRestarted) throw error;
    progress.line(
      `the data of cluster ${cluster.name} did not survive the restart of the machine (${describeFailure(error)}): ` +
        'starting it empty',
    );
    const { pki, conf, etcd, containerd, kubelet, volumes } = cluster.paths;
    for (const folder of [pki, conf, etcd, containerd, kubelet, volumes]) {
      rmSync(folder, { recursive: true, force: true });
    }
    await startFromNothing(cluster, progress);
  }
}

async function startFromNothing(cluster: Cluster, progress: Progress): Promise<void> {
  await destroyNode(cluster.group, cluster.link);
  // The network interfaces and connections that these describe went with the last node.
  rmSync(cluster.paths.run, { recursive: true, force: true });
  try {
    mkdirSync(cluster.paths.volumes, { recursive: true });
    await buildSystemImages(cluster, { log: progress.line });
    await allOf(ensurePki(cluster), createNode(cluster));
    writeKubeconfigs(cluster);
    await remountVolumes(cluster);
    await startParts(cluster, progress);
  } catch (error) {
    await destroyNode(cluster.group, cluster.link);
    throw startFailed(cluster, error);
  }
}

function startFailed(cluster: Cluster, cause: unknown): Failure {
  const { bavail, bsize } = statfsSync(cluster.dir);
  // The parts say it in their own words each, and the first to fail may not be the one that wrote.
  const isDiskFull = bavail * bsize < 64 * 1024 ** 2;
  return new Failure(
    isDiskFull ? 'disk_full' : 'start_failed',
    `cluster ${cluster.name} could not be started${isDiskFull ? ': the disk is full' : ''}; ` +
      'what had been started was ended again',
    {
      class: 'retry',
      remedy: isDiskFull
        ? `free some space for ${cluster.dir} and start it again`
        : `see ${cluster.paths.logs}; start it again, or make cluster-down to throw it away`,
      cause,
    },
  );
}

/** Starts every part in the order of what it needs, and waits until the node is Ready and its addons are there. */
async function startParts(cluster: Cluster, progress: Progress): Promise<void> {
  const began = performance.now();
  const start = async (name: PartName): Promise<void> => {
    progress.status(() => `starting ${name}, ${formatSeconds((performance.now() - began) / 1000)}`);
    await startAndWait(cluster, name);
  };
  await allOf(
    start('containerd').then(() => loadSystemImages(cluster)),
    start('etcd').then(() => start('apiserver')),
  );
  await allOf(start('controller-manager'), start('scheduler'), start('kubelet'), start('proxy'));
  await allOf(applyAddons(cluster), waitForNode(cluster));
  await allOf(start('netpol'), start('provisioner'));
  progress.status(() => `waiting for DNS, ${formatSeconds((performance.now() - began) / 1000)}`);
  await waitForAddons(cluster);
}

/** Waits for all before it fails with the first failure: nothing may still be starting while the rest is undone. */
async function allOf(...work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function loadSystemImages(cluster: Cluster): Promise<void> {
  await loadImages(cluster, await buildSystemImages(cluster));
}

async function buildSystemImages(cluster: Cluster, options: BuildOptions = {}): Promise<BuiltImage[]> {
  const images: BuiltImage[] = [];
  for (const spec of await systemImages(cluster.binDir)) images.push(await buildScratchImage(spec, options));
  return images;
}

async function waitForNode(cluster: Cluster): Promise<void> {
  // `kubectl wait` fails at once on a node that has not registered yet.
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await sleep(200)) {
    const path = '{.status.conditions[?(@.type=="Ready")].status}';
    const ready = await kubectl(cluster, [
      'get',
      'node',
      cluster.nodeName,
      '--ignore-not-found',
      '-o',
      `jsonpath=${path}`,
    ]);
    if (ready === 'True') return;
  }
  throw new Failure('node_not_ready', `node ${cluster.nodeName} does not become Ready in 60 s`, {
    remedy: 'make cluster-logs PART=kubelet',
  });
}

/** DNS answers, and pods can be made in the default namespace. */
async function waitForAddons(cluster: Cluster): Promise<void> {
  await kubectl(cluster, ['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s']);
  await kubectl(cluster, ['wait', '--for=create', 'serviceaccount/default', '--timeout=60s']);
}
