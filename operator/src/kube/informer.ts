import type { KubeClient } from './client.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import type { KubeObject } from './objects.ts';
import { Reflector, type ReflectorScope, type ReflectorTuning } from './reflector.ts';
import type { Resource } from './resource.ts';
import { type IndexFunction, type ReadonlyStore, Store, type StoreEvent } from './store.ts';
import { stripBookkeeping, type Transform } from './transform.ts';

/** Must not take long: it runs between two events. What it throws is logged, and the next event is told. */
export type EventHandler<T extends KubeObject> = (event: StoreEvent<T>) => void;

export interface InformerOptions<T extends KubeObject, Index extends string> {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  readonly indexes: Readonly<Record<Index, IndexFunction<T>>>;
  readonly scope?: ReflectorScope;
  /** Default: without managed fields and kubectl's last-applied annotation. */
  readonly transform?: Transform<T>;
  readonly log: Logger;
  readonly metrics: RuntimeMetrics;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly tuning?: Partial<ReflectorTuning>;
}

/**
 * A followed kind: its store, its reflector and who is told. Guarantees:
 * - a handler is told everything from the first event on, also one that is added late: it gets what is there as
 *   `added` first;
 * - a handler that throws harms neither the store nor the other handlers;
 * - `synced` is fulfilled after the handlers have been told all of the first list.
 */
export class Informer<T extends KubeObject, Index extends string = string> {
  readonly resource: Resource<T>;
  readonly #store: Store<T, Index>;
  readonly #reflector: Reflector<T>;
  readonly #handlers: EventHandler<T>[] = [];
  readonly #options: InformerOptions<T, Index>;
  readonly #firstList = Promise.withResolvers<void>();

  constructor(options: InformerOptions<T, Index>) {
    this.#options = options;
    this.resource = options.resource;
    this.#store = new Store(options.indexes);
    this.#reflector = new Reflector({
      ...options,
      transform: options.transform ?? stripBookkeeping,
      store: this.#store,
      tell: (event) => this.#tell(event),
      listed: () => this.#firstList.resolve(),
    });
    const { metrics, resource } = options;
    metrics.observe(() => metrics.informerObjects.set({ name: resource.plural }, this.#store.size));
  }

  get store(): ReadonlyStore<T, Index> {
    return this.#store;
  }

  onEvent(handler: EventHandler<T>): void {
    this.#handlers.push(handler);
    for (const object of this.#store.list()) this.#call(handler, { kind: 'added', object, initial: true });
  }

  /** Follows the kind until the signal is aborted. Never throws. */
  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal);
  }

  /** Fulfilled once the first complete list is in and told. */
  synced(): Promise<void> {
    return this.#firstList.promise;
  }

  #tell(event: StoreEvent<T>): void {
    for (const handler of this.#handlers) this.#call(handler, event);
  }

  #call(handler: EventHandler<T>, event: StoreEvent<T>): void {
    try {
      handler(event);
    } catch (error) {
      const { log, metrics, resource } = this.#options;
      metrics.handlerFailures.inc({ name: resource.plural });
      const { namespace, name } = event.object.metadata;
      log.error(
        { resource: resource.plural, namespace, name, event: event.kind, err: error },
        'event handler threw',
      );
    }
  }
}
