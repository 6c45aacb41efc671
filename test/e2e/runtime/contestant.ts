import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { createClient } from '../../../operator/src/kube/client.ts';
import { createConnection } from '../../../operator/src/kube/connection.ts';
import { Controller, requeueAfter } from '../../../operator/src/kube/controller.ts';
import { kubeConfigAccess } from '../../../operator/src/kube/credentials.ts';
import { LeaderElector } from '../../../operator/src/kube/leader.ts';
import { silentLogger } from '../../../operator/src/kube/logger.ts';
import { Manager } from '../../../operator/src/kube/manager.ts';
import { testMetrics } from '../../../operator/src/kube/testing/objects.ts';
import { createTransport } from '../../../operator/src/kube/transport.ts';
import { configMaps } from './world.ts';

/**
 * A process of its own that wants to lead, and as leader writes its name into a ConfigMap as fast as it can:
 * `contestant.ts KUBECONFIG NAMESPACE NAME`. SIGTERM ends it in order; it exits with 1 when it loses leadership.
 */
const [kubeconfig = '', namespace = '', identity = ''] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromString(readFileSync(kubeconfig, 'utf8'));
const { metrics } = testMetrics();

const open = (fence?: () => void) => {
  const connection = createConnection({ access: kubeConfigAccess(config), connections: 2 });
  const transport = createTransport({
    connection,
    metrics,
    userAgent: 'contestant',
    ...(fence === undefined ? {} : { fence }),
  });
  return createClient(transport, { fieldManager: identity });
};

const elector = new LeaderElector({
  client: open(),
  namespace,
  name: 'contest',
  identity,
  log: silentLogger,
  metrics,
});
const client = open(elector.fence);
const controller = new Controller({
  name: 'writer',
  log: silentLogger,
  metrics,
  reconcile: async (_key, { signal }) => {
    const body = { data: { writer: identity, at: String(Date.now()) } };
    await client.patch(configMaps, { name: 'contested', namespace }, { type: 'merge', body }, { signal });
    return requeueAfter(10);
  },
});
controller.enqueue('contested');

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const manager = new Manager({ informers: [], controllers: [controller], elector, log: silentLogger });
const end = await manager.run(stop.signal);
process.exit(end === 'lost_leadership' ? 1 : 0);
