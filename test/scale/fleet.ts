import { setTimeout as sleep } from 'node:timers/promises';
import { Informer } from '../../operator/src/kube/informer.ts';
import { silentLogger } from '../../operator/src/kube/logger.ts';
import type { KubeObject, Live } from '../../operator/src/kube/objects.ts';
import { claims, networkPolicies, pods, type Resource, services } from '../../operator/src/kube/resource.ts';
import { testMetrics } from '../../operator/src/kube/testing/objects.ts';
import { sessions } from '../../operator/src/session/session-resource.ts';
import { inParallel } from '../e2e/runtime/world.ts';
import { STORAGE_CLASS, type Stage } from './stage.ts';

/** The sessions of the benchmark: how they are made, when their pods appear, and who plays their nodes. */

const volumes: Resource<KubeObject> = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
};

/** How long after a session was made its pod has to be there, in milliseconds. */
const LATEST_MS = 120_000;

export interface Fleet {
  /** Makes a volume for each of these sessions beforehand: the benchmark has no provisioner to wait for. */
  readonly provide: (names: readonly string[]) => Promise<void>;
  /**
   * Makes a session. Resolves with the time from the API server's answer to the appearance of its pod on a watch, in
   * milliseconds.
   */
  readonly make: (name: string) => Promise<number>;
  /** As `make`, that many a second, whether the earlier ones have a pod or not. */
  readonly makeAtRate: (names: readonly string[], perSecond: number) => Promise<readonly number[]>;
  /** Makes them as quickly as they can be made and has their pods run at once, without scheduler and kubelet. */
  readonly layOut: (names: readonly string[]) => Promise<void>;
  /** Every session and child by its kind and name, to see who was written to. */
  readonly objects: () => Promise<ReadonlyMap<string, Live<KubeObject>>>;
  readonly countReady: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export async function openFleet({ client, namespace }: Stage): Promise<Fleet> {
  const seen = new Map<string, PromiseWithResolvers<number>>();
  const appearance = (name: string): PromiseWithResolvers<number> => {
    const known = seen.get(name) ?? Promise.withResolvers<number>();
    seen.set(name, known);
    return known;
  };
  const informer = new Informer<KubeObject>({
    client,
    resource: pods as Resource<KubeObject>,
    scope: { namespace },
    indexes: {},
    transform: ({ apiVersion, kind, metadata: { name, uid, resourceVersion } }) => ({
      apiVersion,
      kind,
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp: '' } as never,
    }),
    log: silentLogger,
    metrics: testMetrics().metrics,
  });
  informer.onEvent(({ kind, object }) => {
    if (kind === 'added') appearance(object.metadata.name).resolve(performance.now());
  });
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  await informer.synced();

  const create = (name: string) =>
    client.create(sessions, {
      apiVersion: 'whatsapp-operator.io/v1alpha1',
      kind: 'WhatsAppSession',
      metadata: { name, namespace },
      spec: {
        storage: { storageClassName: STORAGE_CLASS },
        podTemplate: {
          nodeSelector: { type: 'kwok' },
          tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists', effect: 'NoSchedule' }],
        },
      } as never,
    });
  const make = async (name: string): Promise<number> => {
    await create(name);
    const answered = performance.now();
    const timer = new AbortController();
    const late = sleep(LATEST_MS, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`the session ${name} has no pod after ${LATEST_MS / 1000} s`);
    });
    late.catch(() => {});
    const at = await Promise.race([appearance(name).promise, late]);
    timer.abort();
    // The watch may be quicker than the answer.
    return Math.max(0, at - answered);
  };
  const all = async (resource: Resource<KubeObject>): Promise<readonly Live<KubeObject>[]> =>
    (await client.list(resource, { namespace })).items;
  return {
    make,
    provide: (names) => inParallel(names, 16, (name) => client.create(volumes, volumeFor(name, namespace))),
    makeAtRate: async (names, perSecond) => {
      const began = performance.now();
      const made: Promise<number>[] = [];
      for (const [index, name] of names.entries()) {
        await sleep(Math.max(0, began + (index * 1000) / perSecond - performance.now()));
        made.push(make(name));
      }
      return await Promise.all(made);
    },
    layOut: async (names) => {
      const address = (index: number) => `10.99.${Math.floor(index / 250)}.${(index % 250) + 1}`;
      const first = informer.store.size;
      await inParallel([...names.entries()], 48, async ([index, name]) => {
        await make(name);
        const status = { subresource: 'status' } as const;
        await client.patch(claims, { name, namespace }, { type: 'merge', body: boundClaim }, status);
        const body = runningPod(address(first + index));
        await client.patch(pods, { name, namespace }, { type: 'merge', body }, status);
      });
    },
    objects: async () => {
      const found = new Map<string, Live<KubeObject>>();
      for (const resource of [sessions, pods, claims, services, networkPolicies]) {
        for (const object of await all(resource as unknown as Resource<KubeObject>))
          found.set(`${resource.plural}/${object.metadata.name}`, object);
      }
      return found;
    },
    countReady: async () => {
      const { items } = await client.list(sessions, { namespace });
      return items.filter(({ status }) => (status as { phase?: string } | undefined)?.phase === 'Connected')
        .length;
    },
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

const volumeFor = (name: string, namespace: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOncePod'],
      storageClassName: STORAGE_CLASS,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name },
      hostPath: { path: '/tmp' },
    },
  }) as KubeObject;

const boundClaim = {
  status: { phase: 'Bound', accessModes: ['ReadWriteOncePod'], capacity: { storage: '1Gi' } },
};

const at = '2026-01-01T00:00:00Z';

const runningPod = (podIP: string) => ({
  status: {
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: at,
    })),
    containerStatuses: [
      {
        name: 'session',
        ready: true,
        started: true,
        restartCount: 0,
        image: 'example.org/whatsapp-session:scale',
        imageID: 'example.org/whatsapp-session@sha256:0',
        containerID: 'containerd://0',
        state: { running: { startedAt: at } },
      },
    ],
  },
});
