import { keyOf, type ObjectKey } from './key.ts';
import type { KubeObject, Live } from './objects.ts';

/**
 * The objects of one kind as last heard of. Guarantees:
 * - what it hands out is deeply frozen and never changes: it is the cache itself, not a copy;
 * - indexes are exact at every moment between two calls;
 * - an object that was deleted and made again under its name is told as deleted and added, never as updated.
 * Written by one reflector; may lag behind the API server by any time.
 */

/** Values under which an object is found: none, one or several. A pure function of the object. */
export type IndexFunction<T extends KubeObject> = (object: Live<T>) => readonly string[];

/** What readers see of a store. */
export interface ReadonlyStore<T extends KubeObject, Index extends string = string> {
  readonly size: number;
  /** True once the first complete list is in. It stays true: later gaps are told as changes. */
  readonly hasSynced: boolean;
  get(key: ObjectKey): Live<T> | undefined;
  list(): readonly Live<T>[];
  /** The objects under this value, in no particular order. */
  byIndex(index: Index, value: string): readonly Live<T>[];
}

export type StoreEvent<T extends KubeObject> =
  /** `initial` while the first list is being told: not news, only the state of the world. */
  | { readonly kind: 'added'; readonly object: Live<T>; readonly initial: boolean }
  | { readonly kind: 'updated'; readonly old: Live<T>; readonly object: Live<T> }
  /** `object` is the last state that is known, which after a gap may not be the very last. */
  | { readonly kind: 'deleted'; readonly object: Live<T> };

export class Store<T extends KubeObject, Index extends string = string> implements ReadonlyStore<T, Index> {
  readonly #objects = new Map<ObjectKey, Live<T>>();
  readonly #indexes: readonly ObjectIndex<T>[];
  readonly #byName: ReadonlyMap<string, ObjectIndex<T>>;
  #hasSynced = false;

  constructor(indexes: Readonly<Record<Index, IndexFunction<T>>>) {
    const entries = Object.entries<IndexFunction<T>>(indexes);
    this.#byName = new Map(entries.map(([name, valuesOf]) => [name, new ObjectIndex(valuesOf)]));
    this.#indexes = [...this.#byName.values()];
  }

  get size(): number {
    return this.#objects.size;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get(key: ObjectKey): Live<T> | undefined {
    return this.#objects.get(key);
  }

  list(): readonly Live<T>[] {
    return [...this.#objects.values()];
  }

  byIndex(index: Index, value: string): readonly Live<T>[] {
    const found: Live<T>[] = [];
    for (const key of this.#byName.get(index)?.keysOf(value) ?? []) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** Takes in what a watch said of an object that is there. */
  put(object: Live<T>): readonly StoreEvent<T>[] {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    deepFreeze(object);
    for (const index of this.#indexes) index.replace(key, old, object);
    this.#objects.set(key, object);
    if (old === undefined) return [{ kind: 'added', object, initial: !this.#hasSynced }];
    if (old.metadata.uid === object.metadata.uid) return [{ kind: 'updated', old, object }];
    return [
      { kind: 'deleted', object: old },
      { kind: 'added', object, initial: !this.#hasSynced },
    ];
  }

  /** Takes in that an object is gone. A successor of the same name, known already, stays. */
  remove(object: Live<T>): readonly StoreEvent<T>[] {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old === undefined || old.metadata.uid !== object.metadata.uid) return [];
    this.#forget(key, old);
    return [{ kind: 'deleted', object: deepFreeze(object) }];
  }

  /** Takes in a complete list: what is not on it is gone. Marks the store as synced once the events are told. */
  replace(objects: readonly Live<T>[]): readonly StoreEvent<T>[] {
    const listed = new Set(objects.map(keyOf));
    const events: StoreEvent<T>[] = [];
    for (const [key, object] of this.#objects) {
      if (listed.has(key)) continue;
      this.#forget(key, object);
      events.push({ kind: 'deleted', object });
    }
    for (const object of objects) events.push(...this.put(object));
    this.#hasSynced = true;
    return events;
  }

  #forget(key: ObjectKey, object: Live<T>): void {
    this.#objects.delete(key);
    for (const index of this.#indexes) index.replace(key, object, undefined);
  }
}

/** One index: from value to the keys of the objects that have it. */
class ObjectIndex<T extends KubeObject> {
  readonly #valuesOf: IndexFunction<T>;
  readonly #keys = new Map<string, Set<ObjectKey>>();

  constructor(valuesOf: IndexFunction<T>) {
    this.#valuesOf = valuesOf;
  }

  keysOf(value: string): Iterable<ObjectKey> {
    return this.#keys.get(value) ?? [];
  }

  replace(key: ObjectKey, old: Live<T> | undefined, object: Live<T> | undefined): void {
    const after = object === undefined ? [] : this.#valuesOf(object);
    for (const value of old === undefined ? [] : this.#valuesOf(old)) {
      const keys = this.#keys.get(value);
      if (after.includes(value) || keys === undefined) continue;
      keys.delete(key);
      if (keys.size === 0) this.#keys.delete(value);
    }
    for (const value of after) {
      const keys = this.#keys.get(value);
      if (keys === undefined) this.#keys.set(value, new Set([key]));
      else keys.add(key);
    }
  }
}

function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/** Index by the UIDs of the owners. */
export const byOwnerUid: IndexFunction<KubeObject> = ({ metadata }) =>
  (metadata.ownerReferences ?? []).map((owner) => owner.uid);

/** Index by `namespace/value` of a label: the key of the object whose name the label holds. */
export const byLabel =
  (label: string): IndexFunction<KubeObject> =>
  ({ metadata }) => {
    const value = metadata.labels?.[label];
    if (value === undefined) return [];
    return [metadata.namespace === undefined ? value : `${metadata.namespace}/${value}`];
  };
