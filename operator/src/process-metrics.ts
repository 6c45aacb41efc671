import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Of prom-client's metrics, gauges that are called like counters; others tell the same by type. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/** The metrics that every Node process has: memory, processor, event loop, garbage collection. */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
}
