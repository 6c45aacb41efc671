import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { apiServerUrl, partKubeconfig } from '../control/kubeconfig.ts';
import { flags, type Part } from './part.ts';

const none: Part['files'] = {};

export function etcd(cluster: Cluster): Part {
  const client = 'http://127.0.0.1:2379';
  const peer = 'http://127.0.0.1:2380';
  const metrics = `http://${cluster.addresses.node}:2381`;
  return {
    name: 'etcd',
    argv: [
      'etcd',
      ...flags({
        name: cluster.nodeName,
        'data-dir': cluster.paths.etcd,
        'listen-client-urls': client,
        'advertise-client-urls': client,
        'listen-peer-urls': peer,
        'initial-advertise-peer-urls': peer,
        'initial-cluster': `${cluster.nodeName}=${peer}`,
        'listen-metrics-urls': metrics,
      }),
      // Without waiting for the disk a write is quick on any machine. A killed etcd loses nothing by it, only a
      // machine that loses power does, and then the cluster is made anew.
      '--unsafe-no-fsync',
    ],
    files: none,
    health: { kind: 'http', url: `${metrics}/health` },
    graceMs: 5000,
  };
}

/** Whose requests the API server writes down: accounts of this namespace alone, so that nobody else pays for it. */
export const auditedNamespace = 'whatsapp-audit';

/** File with those requests, one JSON object a line. */
export const auditLog = (cluster: Cluster): string => join(cluster.paths.logs, 'audit.log');

const auditPolicyFile = (cluster: Cluster): string => join(cluster.paths.conf, 'audit-policy.json');

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'Metadata', userGroups: [`system:serviceaccounts:${auditedNamespace}`] },
    { level: 'None' },
  ],
};

export function apiserver(cluster: Cluster): Part {
  const pki = (file: string): string => join(cluster.paths.pki, file);
  return {
    name: 'apiserver',
    argv: [
      'kube-apiserver',
      ...flags({
        'advertise-address': cluster.addresses.node,
        'allow-privileged': true,
        'audit-log-maxbackup': 1,
        'audit-log-maxsize': 50,
        'audit-log-path': auditLog(cluster),
        'audit-policy-file': auditPolicyFile(cluster),
        'authorization-mode': 'Node,RBAC',
        'bind-address': '0.0.0.0',
        'client-ca-file': pki('ca.crt'),
        'enable-admission-plugins': 'NodeRestriction',
        'etcd-servers': 'http://127.0.0.1:2379',
        'kubelet-client-certificate': pki('apiserver-kubelet-client.crt'),
        'kubelet-client-key': pki('apiserver-kubelet-client.key'),
        'kubelet-preferred-address-types': 'InternalIP',
        'proxy-client-cert-file': pki('front-proxy-client.crt'),
        'proxy-client-key-file': pki('front-proxy-client.key'),
        'requestheader-allowed-names': 'front-proxy-client',
        'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
        'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
        'requestheader-group-headers': 'X-Remote-Group',
        'requestheader-username-headers': 'X-Remote-User',
        'secure-port': 6443,
        'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
        'service-account-key-file': pki('service-account.pub'),
        'service-account-signing-key-file': pki('service-account.key'),
        'service-cluster-ip-range': cluster.addresses.serviceRange,
        'tls-cert-file': pki('apiserver.crt'),
        'tls-private-key-file': pki('apiserver.key'),
      }),
    ],
    files: { [auditPolicyFile(cluster)]: JSON.stringify(auditPolicy) },
    health: { kind: 'https', url: `${apiServerUrl(cluster)}/readyz` },
    graceMs: 10_000,
  };
}

/** What the controller manager and the scheduler share: they delegate the question who may read their metrics. */
const delegated = (
  cluster: Cluster,
  name: string,
  port: number,
): Readonly<Record<string, string | number | boolean>> => ({
  kubeconfig: partKubeconfig(cluster, name),
  'authentication-kubeconfig': partKubeconfig(cluster, name),
  'authorization-kubeconfig': partKubeconfig(cluster, name),
  'bind-address': '0.0.0.0',
  'leader-elect': false,
  'secure-port': port,
  'tls-cert-file': join(cluster.paths.pki, `${name}.crt`),
  'tls-private-key-file': join(cluster.paths.pki, `${name}.key`),
});

export function controllerManager(cluster: Cluster): Part {
  const pki = (file: string): string => join(cluster.paths.pki, file);
  return {
    name: 'controller-manager',
    argv: [
      'kube-controller-manager',
      ...flags({
        ...delegated(cluster, 'controller-manager', 10257),
        'cluster-signing-cert-file': pki('ca.crt'),
        'cluster-signing-key-file': pki('ca.key'),
        'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
        'root-ca-file': pki('ca.crt'),
        'service-account-private-key-file': pki('service-account.key'),
        'use-service-account-credentials': true,
      }),
    ],
    files: none,
    health: { kind: 'https', url: `https://${cluster.addresses.node}:10257/healthz` },
    graceMs: 5000,
  };
}

export function scheduler(cluster: Cluster): Part {
  return {
    name: 'scheduler',
    argv: ['kube-scheduler', ...flags(delegated(cluster, 'scheduler', 10259))],
    files: none,
    health: { kind: 'https', url: `https://${cluster.addresses.node}:10259/healthz` },
    graceMs: 5000,
  };
}
