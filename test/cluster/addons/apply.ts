import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import { runCommand } from '../../machine/command.ts';
import type { Cluster } from '../cluster.ts';
import { dnsObjects } from './dns.ts';
import { netpolObjects } from './netpol.ts';
import { storageObjects } from './storage.ts';

/** kubectl on the cluster, as its administrator. */
export const kubectl = (cluster: Cluster, args: readonly string[], input?: string): Promise<string> =>
  runCommand(
    [join(cluster.binDir, 'kubectl'), '--kubeconfig', cluster.kubeconfig, ...args],
    input === undefined ? {} : { input },
  );

/** Volumes get filesystems of their own where the kernel has loop devices. */
export const hasLoopDevices = (): boolean => existsSync('/dev/loop-control');

/** Creates or updates what the cluster brings along: DNS, storage, rights of the NetworkPolicy controller. */
export async function applyAddons(cluster: Cluster): Promise<void> {
  const items: readonly KubernetesObject[] = [
    ...dnsObjects(cluster),
    ...storageObjects(cluster, hasLoopDevices()),
    ...netpolObjects,
  ];
  const list = { apiVersion: 'v1', kind: 'List', items };
  await kubectl(cluster, ['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify(list));
}
