import { Registry } from 'prom-client';
import { createClient, type KubeClient } from './kube/client.ts';
import { type AccessSource, type Connection, createConnection } from './kube/connection.ts';
import { createMetrics, type RuntimeMetrics } from './kube/metrics.ts';
import { createTransport, type Fence } from './kube/transport.ts';

/** Name under which the API server knows this operator and the fields that it sets. */
export const NAME = 'whatsapp-operator';

/** A client with a pool of connections of its own. Close the connection at the end. */
export interface OpenClient {
  readonly client: KubeClient;
  readonly connection: Connection;
}

export function openClient(
  access: AccessSource,
  options: {
    readonly name?: string;
    readonly metrics?: RuntimeMetrics;
    readonly connections?: number;
    readonly fence?: Fence;
  } = {},
): OpenClient {
  const { name = NAME, metrics = createMetrics(new Registry()), connections, fence } = options;
  const connection = createConnection({ access, ...(connections === undefined ? {} : { connections }) });
  const transport = createTransport({
    connection,
    metrics,
    userAgent: name,
    ...(fence === undefined ? {} : { fence }),
  });
  return { client: createClient(transport, { fieldManager: name }), connection };
}
