import { Registry } from 'prom-client';
import { NAME, openClient } from './connect.ts';
import { systemClock } from './kube/clock.ts';
import type { AccessSource } from './kube/connection.ts';
import { Controller } from './kube/controller.ts';
import { EventRecorder } from './kube/events.ts';
import { LeaderElector, uniqueIdentity } from './kube/leader.ts';
import type { Logger } from './kube/logger.ts';
import { Manager, type ManagerEnd } from './kube/manager.ts';
import { createMetrics } from './kube/metrics.ts';
import { serveProbes } from './kube/probes.ts';
import { leaderPermissions, sessionPermissions } from './permissions.ts';
import { permittedClient } from './permitted-client.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import { followSessions } from './session/caches.ts';
import { createSessionMetrics } from './session/metrics.ts';
import { Observer } from './session/observe.ts';
import { StatusPuller } from './session/pull.ts';
import { createReconciler } from './session/reconcile.ts';
import type { Settings } from './settings.ts';

/** Runs an operator until the signal is aborted or leadership is lost. */
export async function runOperator(
  settings: Settings,
  access: AccessSource,
  log: Logger,
  signal: AbortSignal,
): Promise<ManagerEnd> {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  collectProcessMetrics(registry);
  const identity = uniqueIdentity();
  const now = () => systemClock.now();

  // Renewing the lease never queues behind other requests.
  const lease = openClient(access, { metrics, connections: 2 });
  const elector =
    settings.election === undefined
      ? undefined
      : new LeaderElector({
          client: permittedClient(lease.client, leaderPermissions),
          ...settings.election,
          identity,
          log,
          metrics,
        });

  const opened = openClient(access, {
    metrics,
    ...(elector === undefined ? {} : { fence: elector.fence }),
  });
  const client = permittedClient(opened.client, sessionPermissions);
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
    metrics: createSessionMetrics(registry, () => caches.sessions.list(), {
      version: settings.version,
      maxUpdating: settings.sessions.maxUpdating,
    }),
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
    await Promise.all([opened.connection.close(), lease.connection.close()]);
  }
}
