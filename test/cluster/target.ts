import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { CATALOGUE, LOCAL_REGISTRY } from '../images/catalogue.ts';
import { buildProjectImages } from '../images/project-images.ts';
import { Failure } from '../machine/failure.ts';
import type { ClusterCommands } from '../release/release.ts';
import type { Progress } from './build/progress.ts';
import type { Cluster } from './cluster.ts';
import { down } from './down.ts';
import { loadImages } from './images.ts';
import { findCluster } from './record.ts';
import type { Settings } from './settings.ts';
import { up } from './up.ts';

/** The cluster that a test works on. */
export interface TargetCluster {
  readonly kubeConfig: KubeConfig;
  /** The local cluster, whose parts can be broken; undefined for CLUSTER=existing. */
  readonly local: Cluster | undefined;
  /** The reference by which a pod of this cluster gets one of the project's images. */
  readonly image: (name: string) => string;
  /** What those references begin with: the chart's `images.registry`. */
  readonly registry: string;
  /** helm and kubectl for it. */
  readonly commands: ClusterCommands;
}

/** What {@link prepareTarget} did, to be undone when the tests are over. */
export interface PreparedTarget {
  readonly release: () => Promise<void>;
}

/**
 * Has a cluster ready with the project's images in it: brings the local one up and loads them, or, for
 * CLUSTER=existing, checks that it answers. `release` ends a local cluster that was not running before, unless
 * KEEP_CLUSTER is set.
 */
export async function prepareTarget(settings: Settings, progress: Progress): Promise<PreparedTarget> {
  const { target } = settings;
  if (target.kind === 'existing') return { release: async () => {} };
  const { cluster, outcome } = await up(settings, target.name, progress);
  progress.line(`cluster ${cluster.name}: ${outcome}`);
  await loadImages(cluster, await buildProjectImages([], { log: progress.line }));
  return {
    release: async () => {
      if (outcome === 'started' && !process.env['KEEP_CLUSTER']) await down(settings, target.name, progress);
    },
  };
}

/**
 * Connects to the prepared cluster. Throws `no_cluster` when the local one was never started.
 *
 * An existing cluster takes images from where it can reach them: `IMAGE_REGISTRY` goes in front of their names
 * (docs/cluster.md). Without it the names are those of the local build, for a cluster into which they were loaded.
 */
export function connectTarget(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>> = process.env,
): TargetCluster {
  const kubeConfig = new KubeConfig();
  const registry = env['IMAGE_REGISTRY'];
  const image = (name: string): string => {
    const row = CATALOGUE.find((candidate) => candidate.name === name);
    if (row === undefined) throw new Failure('unknown_image', `there is no image ${name}`);
    return registry ? row.tag.replace(LOCAL_REGISTRY, registry) : row.tag;
  };
  if (settings.target.kind === 'existing') {
    kubeConfig.loadFromDefault();
    const commands = { helm: 'helm', kubectl: 'kubectl', env: {} };
    return { kubeConfig, local: undefined, image, registry: registry || LOCAL_REGISTRY, commands };
  }
  const local = findCluster(settings, settings.target.name);
  if (local === undefined) {
    throw new Failure('no_cluster', `there is no cluster ${settings.target.name}`, {
      remedy: 'make cluster-up',
    });
  }
  kubeConfig.loadFromFile(local.kubeconfig);
  const commands = {
    helm: join(local.binDir, 'helm'),
    kubectl: join(local.binDir, 'kubectl'),
    env: { KUBECONFIG: local.kubeconfig },
  };
  return { kubeConfig, local, image, registry: registry || LOCAL_REGISTRY, commands };
}
