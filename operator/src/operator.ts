import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createClient } from './kube/client.ts';
import { systemClock } from './kube/clock.ts';
import { type AccessSource, createConnection } from './kube/connection.ts';
import { Controller } from './kube/controller.ts';
import { EventRecorder } from './kube/events.ts';
import { LeaderElector, uniqueIdentity } from './kube/leader.ts';
import { Manager, type ManagerEnd } from './kube/manager.ts';
import { createMetrics } from './kube/metrics.ts';
import { serveProbes } from './kube/probes.ts';
import { createTransport } from './kube/transport.ts';
import { followSessions } from './session/caches.ts';
import { createSessionMetrics } from './session/metrics.ts';
import { Observer } from './session/observe.ts';
import { StatusPuller } from './session/pull.ts';
import { createReconciler } from './session/reconcile.ts';
import type { Settings } from './settings.ts';

/** The parts of an operator process, put together. */
const NAME = 'whatsapp-operator';

/** Runs an operator until the signal is aborted or leadership is lost. */
export async function runOperator(
  settings: Settings,
  access: AccessSource,
  log: Logger,
  signal: AbortSignal,
): Promise<ManagerEnd> {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  const identity = uniqueIdentity();
  const now = () => systemClock.now();

  // Renewing the lease never queues behind other requests.
  const leaseConnection = createConnection({ access, connections: 2 });
  const leaseTransport = createTransport({ connection: leaseConnection, metrics, userAgent: NAME });
  const elector =
    settings.election === undefined
      ? undefined
      : new LeaderElector({
          client: createClient(leaseTransport, { fieldManager: NAME }),
          ...settings.election,
          identity,
          log,
          metrics,
        });

  const connection = createConnection({ access });
  const transport = createTransport({
    connection,
    metrics,
    userAgent: NAME,
    ...(elector === undefined ? {} : { fence: elector.fence }),
  });
  const client = createClient(transport, { fieldManager: NAME });
  const { caches, informers, feed } = followSessions({
    client,
    namespaces: settings.namespaces,
    log,
    metrics,
  });
  const recorder = new EventRecorder({ client, controller: NAME, instance: identity, log, metrics });
  const puller = new StatusPuller({
    clock: systemClock,
    random: Math.random,
    log,
    tell: (key) => controller.enqueue(key),
  });
  const observer = new Observer(caches, puller, settings.sessions.updateTimeoutMs, now);
  const reconcile = createReconciler({
    client,
    observer,
    recorder,
    metrics: createSessionMetrics(registry, () => caches.sessions.list()),
    settings: settings.sessions,
    now,
    random: Math.random,
    log,
  });
  const controller = new Controller({
    name: 'whatsappsession',
    reconcile,
    log,
    metrics,
    workers: settings.workers,
  });
  feed(controller);
  const manager = new Manager({
    informers,
    controllers: [controller],
    recorder,
    log,
    ...(elector === undefined ? {} : { elector }),
  });

  const probes = await serveProbes({
    port: settings.healthPort,
    registry,
    healthy: {},
    ready: manager.readyChecks(),
  });
  log.info({ port: probes.port, identity, namespaces: settings.namespaces }, 'operator started');
  try {
    return await manager.run(signal);
  } finally {
    puller.stop();
    await probes.close();
    await Promise.all([connection.close(), leaseConnection.close()]);
  }
}
