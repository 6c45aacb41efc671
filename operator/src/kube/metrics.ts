import { Counter, type Registry } from 'prom-client';

/** The runtime's metrics, under the names that client-go and controller-runtime gave them. */
export interface RuntimeMetrics {
  readonly restRequests: Counter<'code' | 'method' | 'host'>;
}

export function createMetrics(registry: Registry): RuntimeMetrics {
  const registers = [registry];
  return {
    restRequests: new Counter({
      name: 'rest_client_requests_total',
      help: 'Number of HTTP requests, partitioned by status code, method, and host.',
      labelNames: ['code', 'method', 'host'],
      registers,
    }),
  };
}
