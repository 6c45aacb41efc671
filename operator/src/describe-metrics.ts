import { Registry } from 'prom-client';
import { createMetrics } from './kube/metrics.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import { createSessionMetrics } from './session/metrics.ts';

export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** A registry with every metric of the operator, at its beginning. */
export function openRegistry(): Registry {
  const registry = new Registry();
  createMetrics(registry);
  collectProcessMetrics(registry);
  createSessionMetrics(registry, () => [], { version: '', maxUpdating: 0 });
  return registry;
}

/** Every metric of the operator but those of its Node process: for the reference, rules and dashboards. */
export function describeMetrics(): readonly MetricDescription[] {
  const registry = new Registry();
  createMetrics(registry);
  createSessionMetrics(registry, () => [], { version: '', maxUpdating: 0 });
  return registry.getMetricsAsArray().map((metric) => {
    // Fields that prom-client keeps and does not type.
    const { name, help, labelNames } = metric as unknown as {
      readonly name: string;
      readonly help: string;
      readonly labelNames?: readonly string[];
    };
    return { name, help, type: metric.constructor.name.toLowerCase(), labels: labelNames ?? [] };
  });
}
