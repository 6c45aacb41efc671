import type { KubeClient, ListQuery, WatchQuery } from '../client.ts';
import { type Clock, sleep } from '../clock.ts';
import { ApiError } from '../errors.ts';
import { keyOf, keyOfRef } from '../key.ts';
import type { KubeObject, Live } from '../objects.ts';

/**
 * An API server of one kind in memory, for tests in virtual time: versions, optimistic locking, paged lists of one
 * moment, watches with history, compaction. `before` runs before each call and may wait or throw, as the network does.
 */
export class MemoryApi {
  readonly objects = new Map<string, Live<KubeObject>>();
  readonly #history: Change[] = [];
  readonly #watchers = new Set<Watcher>();
  readonly #snapshots = new Map<string, readonly Live<KubeObject>[]>();
  readonly #clock: Clock;
  #version = 1;
  #uid = 0;
  #compactedTo = 0;
  before: (verb: string) => Promise<void> | void = () => {};
  /** Runs after a write took effect and before its answer: the place where answers get lost. */
  after: (verb: string) => Promise<void> | void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get version(): number {
    return this.#version;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** Creates or changes an object, as somebody else would. */
  put(object: KubeObject): Live<KubeObject> {
    const key = keyOf(object);
    const old = this.objects.get(key);
    this.#version += 1;
    this.#uid += old === undefined ? 1 : 0;
    const metadata = {
      ...object.metadata,
      uid: old?.metadata.uid ?? `uid-${this.#uid}`,
      resourceVersion: String(this.#version),
      creationTimestamp: old?.metadata.creationTimestamp ?? new Date(this.#clock.now()).toISOString(),
    };
    const live = { ...object, metadata };
    this.objects.set(key, live);
    this.#publish({ type: old === undefined ? 'ADDED' : 'MODIFIED', object: live, version: this.#version });
    return live;
  }

  remove(key: string): void {
    const old = this.objects.get(key);
    if (old === undefined) return;
    this.objects.delete(key);
    this.#version += 1;
    const object = { ...old, metadata: { ...old.metadata, resourceVersion: String(this.#version) } };
    this.#publish({ type: 'DELETED', object, version: this.#version });
  }

  /** Forgets all history and continue tokens: whoever is behind gets 410. */
  compact(): void {
    this.#compactedTo = this.#version;
    this.#history.length = 0;
    this.#snapshots.clear();
  }

  /** Like {@link compact}, but without saying so to anybody. */
  forgetHistory(): void {
    this.#history.length = 0;
  }

  /** Sends raw text to all watches. */
  say(text: string): void {
    for (const watcher of this.#watchers) watcher.send(text);
  }

  bookmark(): void {
    this.say(
      `${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.#version) } } })}\n`,
    );
  }

  /** Ends all watches: in order, or as a reset does. */
  endWatches(error?: Error): void {
    for (const watcher of this.#watchers) watcher.end(error);
    this.#watchers.clear();
  }

  client(): KubeClient {
    const written = async (verb: string, write: () => Live<KubeObject>) => {
      await this.before(verb);
      const live = write();
      await this.after(verb);
      return structuredClone(live) as never;
    };
    return {
      get: async (_resource, ref) => {
        await this.before('get');
        return structuredClone(this.#existing('GET', keyOfRef(ref))) as never;
      },
      list: async (_resource, query = {}) => {
        await this.before('list');
        return this.#list(query) as never;
      },
      create: (_resource, object) =>
        written('create', () => {
          if (this.objects.has(keyOf(object))) throw refusal('POST', 409, 'AlreadyExists');
          return this.put(object);
        }),
      replace: (_resource, object) =>
        written('replace', () => {
          const old = this.#existing('PUT', keyOf(object));
          const { resourceVersion } = object.metadata;
          if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
            throw refusal('PUT', 409, 'Conflict');
          }
          return this.put(object);
        }),
      patch: (_resource, ref, patch) =>
        written('patch', () => {
          const body = patch.type === 'json' ? {} : patch.body;
          return this.put({ ...this.#existing('PATCH', keyOfRef(ref)), ...body });
        }),
      delete: async (_resource, ref) => {
        await this.before('delete');
        this.#existing('DELETE', keyOfRef(ref));
        this.remove(keyOfRef(ref));
      },
      watch: async (_resource, query, options) => {
        await this.before('watch');
        return this.#watch(query, options.signal);
      },
    };
  }

  #existing(verb: string, key: string): Live<KubeObject> {
    const object = this.objects.get(key);
    if (object === undefined) throw refusal(verb, 404, 'NotFound');
    return object;
  }

  #list({ limit = Number.POSITIVE_INFINITY, continueToken }: ListQuery) {
    const [version = String(this.#version), from = '0'] = continueToken?.split(':') ?? [];
    const all = continueToken === undefined ? [...this.objects.values()] : this.#snapshots.get(version);
    if (all === undefined) throw refusal('GET', 410, 'Expired');
    this.#snapshots.set(version, all);
    const start = Number(from);
    const items = structuredClone(all.slice(start, start + limit));
    const end = start + items.length;
    return {
      items,
      resourceVersion: version,
      continueToken: end < all.length ? `${version}:${end}` : undefined,
    };
  }

  #watch({ resourceVersion, timeoutSeconds }: WatchQuery, signal: AbortSignal | undefined) {
    const from = Number(resourceVersion);
    if (from < this.#compactedTo) throw refusal('GET', 410, 'Expired');
    const watcher = new Watcher();
    this.#watchers.add(watcher);
    for (const change of this.#history) if (change.version > from) watcher.send(lineOf(change));
    const close = () => {
      this.#watchers.delete(watcher);
      watcher.end(new Error('aborted'));
    };
    signal?.addEventListener('abort', close, { once: true });
    void sleep(this.#clock, timeoutSeconds * 1000).then(() => {
      this.#watchers.delete(watcher);
      watcher.end();
    });
    return { chunks: watcher.chunks(), close };
  }

  #publish(change: Change): void {
    this.#history.push(change);
    this.say(lineOf(change));
  }
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Live<KubeObject>;
  readonly version: number;
}

const lineOf = ({ type, object }: Change): string => `${JSON.stringify({ type, object })}\n`;

const refusal = (verb: string, code: number, reason: string): ApiError =>
  new ApiError({ attempted: `${verb} in memory`, code, reason });

class Watcher {
  readonly #queue: Uint8Array[] = [];
  #wake: () => void = () => {};
  #ended: { readonly error: Error | undefined } | undefined;

  send(text: string): void {
    this.#queue.push(Buffer.from(text));
    this.#wake();
  }

  end(error?: Error): void {
    this.#ended ??= { error };
    this.#wake();
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) yield chunk;
      if (this.#ended?.error !== undefined) throw this.#ended.error;
      if (this.#ended !== undefined) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
