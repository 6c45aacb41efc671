import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';

/** A kubeconfig for one of the cluster's certificates, everything embedded. JSON is YAML too. */
export function kubeconfigFor(cluster: Cluster, certificate: string): string {
  const read = (file: string): string => readFileSync(join(cluster.paths.pki, file)).toString('base64');
  const name = `whatsapp-operator-${cluster.name}`;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: { server: apiServerUrl(cluster), 'certificate-authority-data': read('ca.crt') },
      },
    ],
    users: [
      {
        name: `${name}-${certificate}`,
        user: {
          'client-certificate-data': read(`${certificate}.crt`),
          'client-key-data': read(`${certificate}.key`),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: `${name}-${certificate}` } }],
    'current-context': name,
  });
}

export const apiServerUrl = (cluster: Cluster): string => `https://${cluster.addresses.node}:6443`;

/** Path of the kubeconfig of a part of the cluster. */
export const partKubeconfig = (cluster: Cluster, certificate: string): string =>
  join(cluster.paths.conf, `${certificate}.kubeconfig`);

/** Writes the kubeconfig of every part, and the administrator's at {@link Cluster.kubeconfig}. */
export function writeKubeconfigs(cluster: Cluster): void {
  mkdirSync(cluster.paths.conf, { recursive: true, mode: 0o700 });
  const write = (path: string, certificate: string): void =>
    writeFileSync(path, kubeconfigFor(cluster, certificate), { mode: 0o600 });
  for (const name of ['controller-manager', 'scheduler', 'kubelet', 'proxy', 'netpol', 'admin']) {
    write(partKubeconfig(cluster, name), name);
  }
  write(cluster.kubeconfig, 'admin');
}
