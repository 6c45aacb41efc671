import type { KubeClient } from '../kube/client.ts';
import type { Controller } from '../kube/controller.ts';
import { Informer } from '../kube/informer.ts';
import { keyOf, type ObjectKey, refOf } from '../kube/key.ts';
import type { Logger } from '../kube/logger.ts';
import type { RuntimeMetrics } from '../kube/metrics.ts';
import type { KubeObject, Live } from '../kube/objects.ts';
import type { Pod } from '../kube/pod.ts';
import { claims, networkPolicies, pods, type Resource, services } from '../kube/resource.ts';
import type { IndexFunction, ReadonlyStore } from '../kube/store.ts';
import { stripBookkeeping, type Transform } from '../kube/transform.ts';
import { managedSelector } from './names.ts';
import type { Caches } from './observe.ts';
import { sessions } from './session-resource.ts';
import { byUpdating, updatingIndex } from './turns.ts';

/**
 * Follows sessions and their children, in the whole cluster or in a list of namespaces. Children are told from other
 * objects by label, so that the caches hold nothing that is not the operator's.
 */
export interface FollowOptions {
  readonly client: KubeClient;
  /** None means all. */
  readonly namespaces: readonly string[];
  readonly log: Logger;
  readonly metrics: RuntimeMetrics;
}

export interface FollowedCaches {
  readonly caches: Caches;
  readonly informers: readonly Informer<KubeObject, string>[];
  /** Has the controller reconcile a session for each event about it or one of its children. */
  readonly feed: (controller: Controller) => void;
}

export function followSessions(options: FollowOptions): FollowedCaches {
  const followed = {
    sessions: follow(options, sessions, undefined, { [updatingIndex]: byUpdating }),
    pods: follow(options, pods, managedSelector, {}, keepWhatIsRead),
    claims: follow(options, claims, managedSelector, {}),
    services: follow(options, services, managedSelector, {}),
    networkPolicies: follow(options, networkPolicies, managedSelector, {}),
  };
  const informers = Object.values(followed).flatMap(
    ({ informers }) => informers as unknown as Informer<KubeObject, string>[],
  );
  return {
    caches: {
      sessions: followed.sessions.store,
      pods: followed.pods.store,
      claims: followed.claims.store,
      services: followed.services.store,
      networkPolicies: followed.networkPolicies.store,
    },
    informers,
    feed: (controller) => {
      // A child bears its session's name.
      for (const informer of informers) controller.watch(informer, ({ object }) => [keyOf(object)]);
    },
  };
}

function follow<T extends KubeObject, Index extends string>(
  { client, namespaces, log, metrics }: FollowOptions,
  resource: Resource<T>,
  labelSelector: string | undefined,
  indexes: Readonly<Record<Index, IndexFunction<T>>>,
  transform: Transform<T> = stripBookkeeping,
): { readonly informers: readonly Informer<T, Index>[]; readonly store: ReadonlyStore<T, Index> } {
  const scopes = namespaces.length === 0 ? [undefined] : namespaces;
  const informers = scopes.map(
    (namespace) =>
      new Informer<T, Index>({
        client,
        resource,
        indexes,
        transform,
        scope: { namespace, labelSelector },
        log,
        metrics,
      }),
  );
  const [only] = informers;
  if (only !== undefined && namespaces.length === 0) return { informers, store: only.store };
  const byNamespace = new Map(informers.map((informer, index) => [namespaces[index] ?? '', informer.store]));
  return { informers, store: new NamespacedStore(byNamespace) };
}

/** Of a pod nothing is read but its metadata, its node and its status: what it should be is recorded on it. */
export function keepWhatIsRead(pod: Live<Pod>): Live<Pod> {
  const { apiVersion, kind, metadata, spec, status } = stripBookkeeping(pod);
  const { phase, reason, message, podIP, conditions, containerStatuses } = status ?? {};
  return JSON.parse(
    JSON.stringify({
      apiVersion,
      kind,
      metadata,
      spec: { nodeName: spec.nodeName, containers: [] },
      status: { phase, reason, message, podIP, conditions, containerStatuses },
    }),
  ) as Live<Pod>;
}

/** Several stores of one kind, each of a namespace, as one. */
class NamespacedStore<T extends KubeObject, Index extends string> implements ReadonlyStore<T, Index> {
  readonly #stores: ReadonlyMap<string, ReadonlyStore<T, Index>>;

  constructor(stores: ReadonlyMap<string, ReadonlyStore<T, Index>>) {
    this.#stores = stores;
  }

  get size(): number {
    return [...this.#stores.values()].reduce((sum, store) => sum + store.size, 0);
  }

  get hasSynced(): boolean {
    return [...this.#stores.values()].every((store) => store.hasSynced);
  }

  get(key: ObjectKey): Live<T> | undefined {
    return this.#stores.get(refOf(key).namespace ?? '')?.get(key);
  }

  list(): readonly Live<T>[] {
    return [...this.#stores.values()].flatMap((store) => store.list());
  }

  byIndex(index: Index, value: string): readonly Live<T>[] {
    return [...this.#stores.values()].flatMap((store) => store.byIndex(index, value));
  }
}
