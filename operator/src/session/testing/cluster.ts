import type { KubeClient, Patch } from '../../kube/client.ts';
import { ApiError } from '../../kube/errors.ts';
import { keyOf, keyOfRef, type ObjectKey } from '../../kube/key.ts';
import type { KubeObject, Live } from '../../kube/objects.ts';
import type { Resource } from '../../kube/resource.ts';

/**
 * An API server and its caches in memory, for random walks: optimistic locking, preconditions, merge patches, owner
 * garbage collection, and caches that lag until they are told to catch up. What the real one does is tested on the
 * real one.
 */
export class SimulatedCluster {
  readonly #objects = new Map<string, Map<ObjectKey, Live<KubeObject>>>();
  readonly #cached = new Map<string, ReadonlyMap<ObjectKey, Live<KubeObject>>>();
  #version = 1;
  #uid = 0;
  #now: () => number;
  /** Every change that came through the client, for judgement. */
  readonly writes: { readonly verb: string; readonly plural: string; readonly uid: string | undefined }[] =
    [];
  /** Called before each write; may throw to cut a round off. */
  beforeWrite: () => void = () => {};
  /** May throw what admission says. */
  onDryRun: () => void = () => {};
  onCreate: (plural: string) => void = () => {};

  constructor(now: () => number) {
    this.#now = now;
  }

  all(plural: string): readonly Live<KubeObject>[] {
    return [...(this.#objects.get(plural)?.values() ?? [])];
  }

  get<T extends KubeObject>(plural: string, key: ObjectKey): Live<T> | undefined {
    return this.#objects.get(plural)?.get(key) as Live<T> | undefined;
  }

  /** Changes an object as somebody other than the operator would. */
  put(plural: string, object: KubeObject, uid?: string): Live<KubeObject> {
    const old = this.get(plural, keyOf(object));
    this.#version += 1;
    const live: Live<KubeObject> = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: uid ?? old?.metadata.uid ?? `uid-${++this.#uid}`,
        resourceVersion: String(this.#version),
        creationTimestamp: old?.metadata.creationTimestamp ?? new Date(this.#now()).toISOString(),
      },
    };
    this.#kind(plural).set(keyOf(live), live);
    return live;
  }

  remove(plural: string, key: ObjectKey): void {
    this.#kind(plural).delete(key);
    this.#version += 1;
  }

  /** Removes what an owner that is gone left behind. */
  collectGarbage(plurals: readonly string[], sessions: string): void {
    const alive = new Set(this.all(sessions).map(({ metadata }) => metadata.uid));
    for (const plural of plurals) {
      for (const object of this.all(plural)) {
        const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === 'WhatsAppSession');
        if (owner !== undefined && !alive.has(owner.uid)) this.remove(plural, keyOf(object));
      }
    }
  }

  /** The caches hear of everything so far. Children without the label stay unknown. */
  catchUp(plural: string): void {
    const labelled = this.all(plural).filter(
      ({ kind, metadata }) =>
        kind === 'WhatsAppSession' ||
        metadata.labels?.['app.kubernetes.io/managed-by'] === 'whatsapp-operator',
    );
    this.#cached.set(plural, new Map(labelled.map((object) => [keyOf(object), object])));
  }

  store(plural: string) {
    return {
      get: (key: ObjectKey) => this.#cached.get(plural)?.get(key),
      list: () => [...(this.#cached.get(plural)?.values() ?? [])],
      byIndex: () => [...(this.#cached.get(plural)?.values() ?? [])],
      size: 0,
      hasSynced: true,
    } as never;
  }

  client(): KubeClient {
    return {
      get: async (resource, ref) => structuredClone(this.#existing(resource, keyOfRef(ref))) as never,
      list: async () => ({ items: [], resourceVersion: '1', continueToken: undefined }),
      create: async (resource, object, options) => {
        if (options?.dryRun) {
          this.onDryRun();
          return object as never;
        }
        this.beforeWrite();
        this.onCreate(resource.plural);
        if (this.get(resource.plural, keyOf(object)) !== undefined)
          throw failure('POST', 409, 'AlreadyExists');
        return this.#written('create', resource, this.put(resource.plural, structuredClone(object)));
      },
      replace: () => {
        throw new Error('not used');
      },
      patch: async (resource, ref, patch) => {
        this.beforeWrite();
        const old = this.#existing(resource, keyOfRef(ref));
        return this.#written('patch', resource, this.put(resource.plural, patched(old, patch)));
      },
      delete: async (resource, ref, preconditions) => {
        this.beforeWrite();
        const old = this.#existing(resource, keyOfRef(ref));
        if (preconditions?.uid !== old.metadata.uid) throw failure('DELETE', 409, 'Conflict');
        this.writes.push({ verb: 'delete', plural: resource.plural, uid: old.metadata.uid });
        const deletionTimestamp =
          old.metadata.deletionTimestamp ?? new Date(this.#now() + 40_000).toISOString();
        this.put(resource.plural, { ...old, metadata: { ...old.metadata, deletionTimestamp } });
      },
      watch: () => {
        throw new Error('not used');
      },
    };
  }

  #written(verb: string, { plural }: Resource<KubeObject>, object: Live<KubeObject>): never {
    this.writes.push({ verb, plural, uid: object.metadata.uid });
    return structuredClone(object) as never;
  }

  #existing({ plural }: Resource<KubeObject>, key: ObjectKey): Live<KubeObject> {
    const object = this.get(plural, key);
    if (object === undefined) throw failure('GET', 404, 'NotFound');
    return object;
  }

  #kind(plural: string): Map<ObjectKey, Live<KubeObject>> {
    const kind = this.#objects.get(plural) ?? new Map<ObjectKey, Live<KubeObject>>();
    this.#objects.set(plural, kind);
    return kind;
  }
}

const failure = (attempted: string, code: number, reason: string) =>
  new ApiError({ attempted, code, reason });

function patched(old: Live<KubeObject>, patch: Patch): KubeObject {
  if (patch.type !== 'merge') throw new Error('only merge patches are used');
  const { uid, resourceVersion } = (patch.body as KubeObject).metadata;
  if (uid !== old.metadata.uid || resourceVersion !== old.metadata.resourceVersion)
    throw failure('PATCH', 409, 'Conflict');
  return merged(old, patch.body) as KubeObject;
}

function merged(old: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(old) ? { ...old } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = merged(result[key], value);
  }
  return result;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
