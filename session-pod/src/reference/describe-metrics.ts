import { Metrics } from '../metrics/registry.ts';

/** Every metric of the session pod, from the registry itself: for the reference, rules and dashboards. */
export function describeMetrics(): ReturnType<Metrics['describe']> {
  const metrics = new Metrics({
    counters: { snapshot: () => [] },
    engine: {
      get snapshot(): never {
        throw new Error('nothing is read for a description');
      },
    },
    outbox: {
      stats: () => {
        throw new Error('nothing is read for a description');
      },
    },
    inbox: {
      stats: () => {
        throw new Error('nothing is read for a description');
      },
    },
    webhooks: { list: () => [] },
    freeBytes: () => 0,
    sizeBytes: () => 0,
    now: () => 0,
  });
  return metrics.describe();
}
