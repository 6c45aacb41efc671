import { createClient, type KubeClient } from '../../../operator/src/kube/client.ts';
import { type AccessSource, createConnection } from '../../../operator/src/kube/connection.ts';
import { kubeConfigAccess } from '../../../operator/src/kube/credentials.ts';
import { Informer } from '../../../operator/src/kube/informer.ts';
import { silentLogger } from '../../../operator/src/kube/logger.ts';
import type { KubeObject, Live } from '../../../operator/src/kube/objects.ts';
import type { ReflectorTuning } from '../../../operator/src/kube/reflector.ts';
import type { Resource } from '../../../operator/src/kube/resource.ts';
import { testMetrics } from '../../../operator/src/kube/testing/objects.ts';
import { createTransport, type Transport } from '../../../operator/src/kube/transport.ts';
import { readSettings } from '../../cluster/settings.ts';
import { connectTarget } from '../../cluster/target.ts';
import { type Passage, startPassage } from './passage.ts';

/** A cheap kind to try things out on. */
export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

export const namespaces: Resource<KubeObject> = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
};

/** A client of the target cluster, with a way to it that can be cut. */
export interface World {
  readonly client: KubeClient;
  readonly transport: Transport;
  readonly passage: Passage;
  /** The scrape of all metrics. */
  readonly metrics: () => Promise<string>;
  readonly follow: (namespace: string, tuning?: Partial<ReflectorTuning>) => Follower;
  readonly close: () => Promise<void>;
}

export interface Follower {
  readonly informer: Informer<ConfigMap>;
  /** `added a`, `deleted b`, … in the order in which it was told. */
  readonly told: string[];
  readonly stop: () => Promise<void>;
}

export async function openWorld(connections = 16): Promise<World> {
  const { kubeConfig } = connectTarget(readSettings(process.env));
  const direct = kubeConfigAccess(kubeConfig);
  const server = new URL((await direct()).server);
  const passage = await startPassage({ host: server.hostname, port: Number(server.port || 443) });
  const access: AccessSource = async () => {
    const found = await direct();
    // The certificate is for the server's own address.
    const servername = found.tls.servername ?? 'kubernetes.default.svc';
    return { ...found, server: `https://127.0.0.1:${passage.port}`, tls: { ...found.tls, servername } };
  };
  const { metrics, registry } = testMetrics();
  const connection = createConnection({ access, connections });
  const transport = createTransport({ connection, metrics, userAgent: 'whatsapp-operator-test' });
  const client = createClient(transport, { fieldManager: 'runtime-test' });
  return {
    client,
    transport,
    passage,
    metrics: () => registry.metrics(),
    follow: (namespace, tuning = {}) => follow(client, metrics, namespace, tuning),
    close: async () => {
      await transport.close();
      await passage.close();
    },
  };
}

function follow(
  client: KubeClient,
  metrics: ReturnType<typeof testMetrics>['metrics'],
  namespace: string,
  tuning: Partial<ReflectorTuning>,
): Follower {
  const informer = new Informer<ConfigMap>({
    client,
    resource: configMaps,
    // Every namespace has this one.
    scope: { namespace, fieldSelector: 'metadata.name!=kube-root-ca.crt' },
    indexes: {},
    log: silentLogger,
    metrics,
    tuning,
  });
  const told: string[] = [];
  informer.onEvent(({ kind, object }) => told.push(`${kind} ${object.metadata.name}`));
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  return {
    informer,
    told,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

export const configMap = (namespace: string, name: string, data: ConfigMap['data'] = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

/** What identifies a state of an object, for comparing caches with the server. */
export const stateOf = ({ metadata }: Live<KubeObject>): string =>
  `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`;

/** Runs `work` for each item, `width` at a time. */
export async function inParallel<V>(items: readonly V[], width: number, work: (item: V) => Promise<unknown>) {
  const iterator = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of iterator) await work(item);
    }),
  );
}
