import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * The runtime's metrics, under the names and labels of client-go and controller-runtime where those have them.
 * One set per registry.
 */
export type RuntimeMetrics = ReturnType<typeof createMetrics>;

export function createMetrics(registry: Registry) {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ) => new Histogram({ name, help, labelNames, buckets, registers });

  const observers: (() => void)[] = [];
  const informerObjects = new Gauge({
    name: 'informer_objects',
    help: 'Objects in the cache.',
    labelNames: ['name'],
    registers,
    // The one gauge that looks on behalf of all that are only worth knowing when somebody asks.
    collect: () => {
      for (const observe of observers) observe();
    },
  });

  return {
    /** Called at each scrape, to set gauges from what they measure. */
    observe: (observer: () => void): void => {
      observers.push(observer);
    },
    informerObjects,
    restRequests: counter(
      'rest_client_requests_total',
      'Number of HTTP requests, partitioned by status code, method, and host.',
      ['code', 'method', 'host'],
    ),

    reflectorLists: counter('reflector_lists_total', 'Lists begun by a reflector.', ['name']),
    reflectorWatches: counter('reflector_watches_total', 'Watches opened by a reflector.', ['name']),
    reflectorFailures: counter('reflector_failures_total', 'Lists and watches that did not end well.', [
      'name',
      'reason',
    ]),
    handlerFailures: counter('informer_handler_failures_total', 'Event handlers that threw.', ['name']),

    queueDepth: gauge('workqueue_depth', 'Current depth of the work queue.', [
      'name',
      'controller',
      'priority',
    ]),
    queueAdds: counter('workqueue_adds_total', 'Keys added to the work queue.', ['name', 'controller']),
    queueRetries: counter('workqueue_retries_total', 'Keys added again after a failure.', [
      'name',
      'controller',
    ]),
    queueWait: histogram(
      'workqueue_queue_duration_seconds',
      'How long a key stays in the work queue before it is taken.',
      ['name', 'controller'],
      exponential(1e-5, 10, 9),
    ),
    queueWork: histogram(
      'workqueue_work_duration_seconds',
      'How long the work on a key takes.',
      ['name', 'controller'],
      exponential(1e-5, 10, 9),
    ),
    queueUnfinished: gauge(
      'workqueue_unfinished_work_seconds',
      'Seconds of work in progress that workqueue_work_duration_seconds has not seen yet.',
      ['name', 'controller'],
    ),
    queueLongest: gauge(
      'workqueue_longest_running_processor_seconds',
      'Seconds that the longest running work on a key has taken so far.',
      ['name', 'controller'],
    ),

    reconciles: counter('controller_runtime_reconcile_total', 'Reconciles by result.', [
      'controller',
      'result',
    ]),
    reconcileErrors: counter('controller_runtime_reconcile_errors_total', 'Reconciles that failed.', [
      'controller',
    ]),
    terminalErrors: counter(
      'controller_runtime_terminal_reconcile_errors_total',
      'Reconciles that failed for good.',
      ['controller'],
    ),
    reconcilePanics: counter(
      'controller_runtime_reconcile_panics_total',
      'Reconciles that threw what only a mistake of the program throws.',
      ['controller'],
    ),
    reconcileTimeouts: counter(
      'controller_runtime_reconcile_timeouts_total',
      'Reconciles that ran into their deadline.',
      ['controller'],
    ),
    reconcileTime: histogram(
      'controller_runtime_reconcile_time_seconds',
      'Length of a reconcile.',
      ['controller'],
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    ),
    activeWorkers: gauge('controller_runtime_active_workers', 'Workers that are reconciling.', [
      'controller',
    ]),
    maxWorkers: gauge('controller_runtime_max_concurrent_reconciles', 'Workers that there are.', [
      'controller',
    ]),

    leader: gauge('leader_election_master_status', '1 for the leader, 0 for the others.', ['name']),
    leaseFailures: counter(
      'leader_election_failures_total',
      'Attempts to take or renew the lease that failed.',
      ['name'],
    ),

    events: counter('event_recorder_events_total', 'Events by what became of them.', ['outcome']),
  };
}

const exponential = (first: number, factor: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first * factor ** index);
