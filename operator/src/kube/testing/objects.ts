import { Registry } from 'prom-client';
import { createMetrics } from '../metrics.ts';
import type { Live } from '../objects.ts';
import type { Pod } from '../pod.ts';

/** A pod as an API server would answer. */
export const livePod = (
  name: string,
  { uid = `uid-${name}`, version = '1', ...rest }: Partial<Pod> & { uid?: string; version?: string } = {},
  metadata: Partial<Pod['metadata']> = {},
): Live<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  spec: { containers: [] },
  ...rest,
  metadata: {
    name,
    namespace: 'default',
    uid,
    resourceVersion: version,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
});

/** Metrics of their own for each test. */
export function testMetrics() {
  const registry = new Registry();
  return { registry, metrics: createMetrics(registry) };
}
