import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';
import { openClient } from '../../operator/src/connect.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { kubeConfigAccess } from '../../operator/src/kube/credentials.ts';
import { leaderPermissions, policyRule, sessionPermissions } from '../../operator/src/permissions.ts';
import { kubectl } from '../cluster/addons/apply.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { setFakeNodes, stopOne } from '../cluster/faults.ts';
import { nodeInit } from '../cluster/node/node.ts';
import { applyCrd } from '../e2e/crd.ts';
import { runCommand } from '../machine/command.ts';

/** The local cluster with simulated nodes, a service account for the operator, and what plays the sessions. */
export interface Stage {
  readonly cluster: Cluster;
  readonly client: KubeClient;
  readonly server: URL;
  /** First process of the node, whose network the operator shares. */
  readonly nodePid: number;
  readonly tokenFile: string;
  readonly caFile: string;
  readonly operatorNamespace: string;
  /** Where the sessions are. */
  readonly namespace: string;
  /** What Node is told beside the program. */
  readonly nodeOptions: readonly string[];
  /** The API server's own metrics. */
  readonly apiServerMetrics: () => Promise<string>;
  readonly close: () => Promise<void>;
}

const OPERATOR = 'whatsapp-operator';
export const STORAGE_CLASS = 'scale';
/** Addresses of pods that the benchmark lays out itself; kwok gives its own from 10.0.0.0. */
const POD_RANGES = ['10.0.0.0/16', '10.99.0.0/16'];

const list = (items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

const rbac = 'rbac.authorization.k8s.io';
const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: OPERATOR } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'scale' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: OPERATOR, namespace: OPERATOR } },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: OPERATOR },
    rules: [...sessionPermissions, ...leaderPermissions].map(policyRule),
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: OPERATOR },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: OPERATOR },
    subjects: [{ kind: 'ServiceAccount', name: OPERATOR, namespace: OPERATOR }],
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: STORAGE_CLASS },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'Immediate',
  },
];

export async function prepareStage(
  cluster: Cluster,
  { fakeNodes, nodeOptions }: { readonly fakeNodes: number; readonly nodeOptions: readonly string[] },
): Promise<Stage> {
  const init = nodeInit(cluster);
  if (init === undefined) throw new Error(`the cluster ${cluster.name} does not run`);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(cluster.kubeconfig);
  const { client, connection } = openClient(kubeConfigAccess(kubeConfig), { name: 'scale', connections: 64 });
  await applyCrd(client);
  await kubectl(cluster, ['apply', '--server-side', '-f', '-'], list(objects));
  await setFakeNodes(cluster, fakeNodes);
  // They would take the machine for Services and policies of pods that do not exist.
  for (const part of ['netpol', 'proxy', 'provisioner'] as const) await stopOne(cluster, part, false);

  const folder = await mkdtemp(join(tmpdir(), 'scale-'));
  const [tokenFile, caFile] = [join(folder, 'token'), join(folder, 'ca.crt')];
  const token = await kubectl(cluster, ['create', 'token', OPERATOR, '-n', OPERATOR, '--duration=24h']);
  await writeFile(tokenFile, token, { mode: 0o600 });
  const current = kubeConfig.getCurrentCluster();
  await writeFile(caFile, Buffer.from(current?.caData ?? '', 'base64'));

  const inNetwork = ['nsenter', `--net=/proc/${init.pid}/ns/net`];
  for (const range of POD_RANGES)
    await runCommand([...inNetwork, 'ip', 'route', 'replace', 'local', range, 'dev', 'lo']);
  const program = fileURLToPath(new URL('fake-sessions.ts', import.meta.url));
  const fakes = spawn('nsenter', [...inNetwork.slice(1), process.execPath, program], { stdio: 'inherit' });
  return {
    cluster,
    client,
    server: new URL(current?.server ?? ''),
    nodePid: init.pid,
    tokenFile,
    caFile,
    operatorNamespace: OPERATOR,
    namespace: 'scale',
    nodeOptions,
    apiServerMetrics: () => kubectl(cluster, ['get', '--raw', '/metrics']),
    close: async () => {
      fakes.kill();
      await connection.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
