import type { KubeClient, WatchQuery } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { ApiError, isAborted, isGone } from './errors.ts';
import type { Logger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import type { KubeObject, Status } from './objects.ts';
import { nextState, type ReflectorState } from './reflector-state.ts';
import type { Resource } from './resource.ts';
import { ReconnectPause } from './retry.ts';
import type { Store, StoreEvent } from './store.ts';
import type { Transform } from './transform.ts';
import { parseWatchEvent } from './watch-event.ts';
import { watchLines } from './watch-lines.ts';

/**
 * Keeps a store equal to what the API server holds, by one list and then a watch. Guarantees:
 * - it goes on until its signal is aborted, whatever the server or the network do;
 * - every change that lasts is told, in order per object; of changes during a gap the outcome is told, deletions
 *   included; a deletion and recreation is told as both;
 * - a watch that says nothing for `inactivityMs` is given up, so the store is never silently frozen for longer;
 * - the server is not hurried: failures are spaced by 0.8 to 30 s with jitter, or by its own Retry-After.
 * It does not tell intermediate states that a gap swallowed, and tells no event twice for one resourceVersion.
 */
export interface ReflectorOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  readonly store: Store<T>;
  /** Told after the store has taken the event in. Must not throw. */
  readonly tell: (event: StoreEvent<T>) => void;
  /** Told after each complete list, when all of its events are told. */
  readonly listed: () => void;
  readonly scope?: ReflectorScope;
  readonly transform?: Transform<T>;
  readonly log: Logger;
  readonly metrics: RuntimeMetrics;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly tuning?: Partial<ReflectorTuning>;
}

/** What of the kind is followed. All of it when left out. */
export type ReflectorScope = Pick<WatchQuery, 'namespace' | 'labelSelector' | 'fieldSelector'>;

export interface ReflectorTuning {
  readonly pageSize: number;
  /** The server ends a watch after this; between 80 % and all of it, so that not all watches end together. */
  readonly watchSeconds: number;
  /** API servers send a bookmark every minute: longer silence than this is a stall. */
  readonly inactivityMs: number;
  /** For a page of the list, and for the head of the watch's answer. */
  readonly answerMs: number;
  /** Objects are limited to 1.5 MiB by etcd. */
  readonly longestLineBytes: number;
}

const defaults: ReflectorTuning = {
  pageSize: 500,
  watchSeconds: 290,
  inactivityMs: 90_000,
  answerMs: 60_000,
  longestLineBytes: 16 * 1024 * 1024,
};

/** How an attempt to list or watch ended other than well. */
type Trouble = 'expired' | 'broken' | 'stalled' | 'unreachable';

export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #tuning: ReflectorTuning;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #pause: ReconnectPause;
  readonly #name: string;
  #state: ReflectorState<T> = { kind: 'Empty' };

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#tuning = { ...defaults, ...options.tuning };
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#pause = new ReconnectPause(this.#clock, this.#random);
    this.#name = options.resource.plural;
  }

  /** The state's name, for people and tests. */
  get state(): ReflectorState<T>['kind'] {
    return this.#state.kind;
  }

  /** Follows the kind until the signal is aborted. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const watching = this.#state.kind === 'Watching';
      const openedAt = this.#clock.monotonic();
      try {
        await this.#step(signal);
        // A server that ends watches as soon as they are open would otherwise be asked in a circle.
        const short = this.#clock.monotonic() - openedAt < 1000;
        if (watching && short) await sleep(this.#clock, this.#pause.afterFailure(), signal);
      } catch (error) {
        if (signal.aborted || isAborted(error)) continue;
        await this.#recover(error, signal);
      }
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { client, resource, scope, store, metrics, listed } = this.#options;
    const state = this.#state;
    switch (state.kind) {
      case 'Empty':
      case 'InitPage': {
        const continueToken = state.kind === 'InitPage' ? state.continueToken : undefined;
        const query = { ...scope, limit: this.#tuning.pageSize, continueToken };
        // The pauses between attempts are this loop's own.
        const options = { signal, timeoutMs: this.#tuning.answerMs, retries: 0 };
        if (state.kind === 'Empty') metrics.reflectorLists.inc({ name: this.#name });
        const page = await client.list(resource, query, options);
        const objects = page.items.map((object) => this.#transform(object));
        this.#state = nextState(state, { kind: 'page', ...page, objects });
        return;
      }
      case 'InitListed': {
        const events = store.replace(state.objects);
        this.#state = nextState(state, { kind: 'stored' });
        this.#tellAll(events);
        listed();
        return;
      }
      case 'Watching':
        return await this.#watch(state.resourceVersion, signal);
    }
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, resource, scope, metrics } = this.#options;
    const timeoutSeconds = Math.round(this.#tuning.watchSeconds * (0.8 + 0.2 * this.#random()));
    metrics.reflectorWatches.inc({ name: this.#name });
    const watch = await client.watch(
      resource,
      { ...scope, resourceVersion, timeoutSeconds },
      { signal, timeoutMs: this.#tuning.answerMs, retries: 0 },
    );
    const silence = new Silence(this.#clock, this.#tuning.inactivityMs, watch.close);
    try {
      for await (const line of watchLines(watch.chunks, this.#tuning.longestLineBytes)) {
        // Whole lines only: single bytes that drip in are no sign of life.
        silence.broken();
        this.#takeIn(line);
      }
    } catch (error) {
      if (silence.tooLong) throw new WatchTrouble('stalled', `nothing for ${this.#tuning.inactivityMs} ms`);
      if (error instanceof RangeError) throw new WatchTrouble('broken', error.message);
      throw error;
    } finally {
      silence.end();
      watch.close();
    }
  }

  #takeIn(line: string): void {
    const { resource, store } = this.#options;
    const event = parseWatchEvent(resource, line);
    if ('resourceVersion' in event) this.#expectNoReturn(event.resourceVersion);
    switch (event.kind) {
      case 'put':
        this.#tellAll(store.put(this.#transform(event.object)));
        break;
      case 'removed':
        this.#tellAll(store.remove(this.#transform(event.object)));
        break;
      case 'bookmark':
        break;
      case 'failed':
        throw new WatchTrouble(event.status.code === 410 ? 'expired' : 'broken', textOf(event.status));
      case 'corrupt':
        throw new WatchTrouble('broken', event.why);
    }
    this.#state = nextState(this.#state, { kind: 'progress', resourceVersion: event.resourceVersion });
  }

  /** A database that was put back to an earlier state would otherwise go on without what we know from later. */
  #expectNoReturn(resourceVersion: string): void {
    if (this.#state.kind !== 'Watching' || !isOlder(resourceVersion, this.#state.resourceVersion)) return;
    throw new WatchTrouble('expired', `version ${resourceVersion} after ${this.#state.resourceVersion}`);
  }

  #transform(object: Parameters<Transform<T>>[0]): ReturnType<Transform<T>> {
    return this.#options.transform?.(object) ?? object;
  }

  #tellAll(events: readonly StoreEvent<T>[]): void {
    for (const event of events) this.#options.tell(event);
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { log, metrics } = this.#options;
    const trouble = troubleOf(error);
    metrics.reflectorFailures.inc({ name: this.#name, reason: trouble });
    if (trouble !== 'unreachable') {
      this.#state = nextState(this.#state, { kind: trouble === 'expired' ? 'expired' : 'broken' });
    }
    const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    const afterMs = asked + this.#pause.afterFailure();
    const fields = {
      resource: this.#name,
      state: this.#state.kind,
      trouble,
      afterMs: Math.round(afterMs),
      err: error,
    };
    log.warn(fields, 'reflector interrupted');
    await sleep(this.#clock, afterMs, signal);
  }
}

class WatchTrouble extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, message: string) {
    super(`watch ${trouble}: ${message}`);
    this.name = 'WatchTrouble';
    this.trouble = trouble;
  }
}

/** What an error says about the state that the reflector is in. */
function troubleOf(error: unknown): Trouble {
  if (error instanceof WatchTrouble) return error.trouble;
  if (isGone(error)) return 'expired';
  if (!(error instanceof ApiError)) return 'unreachable';
  if (error.code === 'protocol') return 'broken';
  const code = typeof error.code === 'number' ? error.code : 0;
  // A version from the future, after an etcd was restored, is refused with 400 or 500; rights and load are no reason.
  const refused = code === 400 || code === 404 || code === 405 || code === 500;
  return refused ? 'broken' : 'unreachable';
}

/** Versions of one kind are integers that grow (Kubernetes KEP-5504); of others nothing is said. */
const isOlder = (version: string, than: string): boolean =>
  /^\d+$/.test(version) && /^\d+$/.test(than) && BigInt(version) < BigInt(than);

const textOf = (status: Status): string =>
  [status.code, status.reason, status.message].filter(Boolean).join(' ');

/** Ends a watch that is silent for too long. */
class Silence {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #end: () => void;
  #cancel: () => void = () => {};
  tooLong = false;

  constructor(clock: Clock, limitMs: number, end: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#end = end;
    this.broken();
  }

  broken(): void {
    this.#cancel();
    this.#cancel = this.#clock.startTimer(this.#limitMs, () => {
      this.tooLong = true;
      this.#end();
    });
  }

  end(): void {
    this.#cancel();
  }
}
