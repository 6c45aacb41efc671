import type { ObjectKey } from './key.ts';
import type { KubeObject, Live } from './objects.ts';

/** Values under which an object is found: none, one or several. Pure, and a function of the object alone. */
export type IndexFunction<T extends KubeObject> = (object: Live<T>) => readonly string[];

/** What readers see of a store. Objects are deeply frozen: what is handed out is the cache itself. */
export interface ReadonlyStore<T extends KubeObject, Index extends string = never> {
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
