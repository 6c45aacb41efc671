import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type AddressPlan, addressPlan } from './node/addresses.ts';

/**
 * A local cluster: its name and everything that follows from it. Nothing here touches the machine.
 * All of a cluster's files live under `dir`, all its processes in the cgroup `group` and in the private
 * namespaces of its first process, and its only trace in the machine's own network is `link`.
 */
export interface Cluster {
  readonly name: string;
  readonly dir: string;
  readonly binDir: string;
  readonly addresses: AddressPlan;
  /** Name of the cgroups. */
  readonly group: string;
  /** The machine's end of the veth pair; an interface name has at most 15 characters. */
  readonly link: string;
  /** The Kubernetes node's name. */
  readonly nodeName: string;
  readonly kubeconfig: string;
  readonly paths: ClusterPaths;
}

export interface ClusterPaths {
  readonly record: string;
  readonly lock: string;
  readonly pki: string;
  readonly conf: string;
  readonly logs: string;
  readonly run: string;
  readonly etcd: string;
  readonly containerd: string;
  readonly kubelet: string;
  readonly podLogs: string;
  readonly volumes: string;
}

/** Name of the cgroups of a cluster, one per hierarchy. */
export const groupOf = (name: string): string => `wop-${name}`;

/** Name of the machine's end of a cluster's veth pair. */
export const linkOf = (name: string): string =>
  `wop${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;

/** The files of a cluster below its folder. The lock lies beside the folder: it outlives it. */
export function clusterPaths(stateDir: string, name: string): ClusterPaths {
  const dir = join(stateDir, name);
  return {
    record: join(dir, 'cluster.json'),
    lock: join(stateDir, `.${name}.lock`),
    pki: join(dir, 'pki'),
    conf: join(dir, 'conf'),
    logs: join(dir, 'log'),
    run: join(dir, 'run'),
    etcd: join(dir, 'etcd'),
    containerd: join(dir, 'containerd'),
    kubelet: join(dir, 'kubelet'),
    podLogs: join(dir, 'pod-logs'),
    volumes: join(dir, 'volumes'),
  };
}

/** Puts a cluster together from its name, its /16 and the folder of its binaries. */
export function describeCluster(stateDir: string, name: string, range: string, binDir: string): Cluster {
  const dir = join(stateDir, name);
  return {
    name,
    dir,
    binDir,
    addresses: addressPlan(range),
    group: groupOf(name),
    link: linkOf(name),
    nodeName: groupOf(name),
    kubeconfig: join(dir, 'kubeconfig'),
    paths: clusterPaths(stateDir, name),
  };
}
