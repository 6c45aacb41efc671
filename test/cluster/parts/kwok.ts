import { join } from 'node:path';
import { kwokStages } from '../build/kwok-stages.ts';
import type { Cluster } from '../cluster.ts';
import { partKubeconfig } from '../control/kubeconfig.ts';
import { flags, type Part } from './part.ts';

/** Nodes with this annotation are played by kwok; the real node never has it. */
export const fakeNodeAnnotation = { key: 'kwok.x-k8s.io/node', value: 'fake' } as const;

/** Plays the kubelet of simulated nodes: their pods turn Running at once and use nothing. */
export function kwok(cluster: Cluster): Part {
  const port = 10247;
  return {
    name: 'kwok',
    argv: [
      'kwok',
      ...flags({
        kubeconfig: partKubeconfig(cluster, 'admin'),
        config: join(cluster.binDir, kwokStages),
        'manage-all-nodes': false,
        'manage-nodes-with-annotation-selector': `${fakeNodeAnnotation.key}=${fakeNodeAnnotation.value}`,
        'node-lease-duration-seconds': 40,
        'server-address': `0.0.0.0:${port}`,
      }),
    ],
    files: {},
    health: { kind: 'http', url: `http://${cluster.addresses.node}:${port}/healthz` },
    graceMs: 2000,
  };
}
