import { type Clock, systemClock } from './clock.ts';
import { Fifo } from './fifo.ts';
import type { RuntimeMetrics } from './metrics.ts';
import { type Backoff, backoffMs } from './retry.ts';
import { Timetable } from './timetable.ts';

/**
 * The keys that wait for work. Guarantees, after client-go's and controller-runtime's queues:
 * - a key waits at most once, however often it is added;
 * - no two workers have the same key at the same time: added while it is worked on, it waits for `done`;
 * - no addition is lost: after the last `add` of a key somebody gets it, unless the queue was shut down first;
 * - one wake-up per key: of several `addAfter` the earliest counts, and getting the key cancels what is left of them
 *   (whoever works on it says anew when to look again);
 * - `normal` goes before `low`, first come first served within each.
 */
export type Priority = 'normal' | 'low';

export interface WorkQueueOptions {
  /** Name in the metrics. */
  readonly name: string;
  readonly metrics: RuntimeMetrics;
  /** Pauses of `addRateLimited`, per key. Default 5 ms doubled up to 5 min. */
  readonly backoff?: Backoff;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Where a key is, as far as the queue knows it. Times are monotonic milliseconds. */
type Place =
  | { readonly kind: 'waiting'; readonly priority: Priority; readonly since: number }
  | { readonly kind: 'processing'; readonly since: number }
  /** Being worked on, and to be worked on again. */
  | {
      readonly kind: 'dirty';
      readonly priority: Priority;
      readonly since: number;
      readonly addedAt: number;
    };

const defaultBackoff: Backoff = { firstMs: 5, capMs: 300_000 };

export class WorkQueue<K> {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #backoff: Backoff;
  readonly #meter: Meter;
  readonly #places = new Map<K, Place>();
  // Keys whose priority was raised leave a stale entry in `low`, which is skipped when it comes up.
  readonly #normal = new Fifo<K>();
  readonly #low = new Fifo<K>();
  readonly #timetable = new Timetable<K>();
  readonly #failures = new Map<K, number>();
  readonly #takers = new Fifo<(key: K | undefined) => void>();
  readonly #waiting: Record<Priority, number> = { normal: 0, low: 0 };
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #shutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#backoff = options.backoff ?? defaultBackoff;
    this.#meter = new Meter(options, () => ({ waiting: this.#waiting, runningSince: this.#runningSince() }));
  }

  /** Keys that wait now, without those for which only a time is set. */
  get length(): number {
    return this.#waiting.normal + this.#waiting.low;
  }

  /** Keys with a time at which they will be added. */
  get scheduled(): number {
    return this.#timetable.size;
  }

  add(key: K, priority: Priority = 'normal'): void {
    if (this.#shutDown) return;
    const now = this.#clock.monotonic();
    const place = this.#places.get(key);
    switch (place?.kind) {
      case undefined:
        this.#enqueue(key, priority, now);
        this.#meter.added();
        return;
      case 'processing':
        this.#places.set(key, { kind: 'dirty', priority, since: place.since, addedAt: now });
        this.#meter.added();
        return;
      case 'waiting':
        if (priority === 'low' || place.priority === 'normal') return;
        this.#waiting.low -= 1;
        this.#waiting.normal += 1;
        this.#places.set(key, { ...place, priority });
        this.#normal.push(key);
        return;
      case 'dirty':
        if (priority === 'normal') this.#places.set(key, { ...place, priority });
    }
  }

  /** Adds the key after `ms` milliseconds, unless it is added or set to be added before. */
  addAfter(key: K, ms: number): void {
    if (this.#shutDown) return;
    if (!(ms > 0)) {
      this.add(key);
      return;
    }
    // What waits now is before any time.
    const kind = this.#places.get(key)?.kind;
    if (kind === 'waiting' || kind === 'dirty') return;
    if (this.#timetable.setEarliest(key, this.#clock.monotonic() + ms)) this.#setTimer();
  }

  /** Adds the key after a pause that grows with each call until `forget`, and is at least `atLeastMs`. */
  addRateLimited(key: K, atLeastMs = 0): void {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    this.#meter.retried();
    this.addAfter(key, Math.max(atLeastMs, backoffMs(this.#backoff, failures, this.#random)));
  }

  /** Failures in a row. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Ends the key's run of failures. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; undefined once the queue is shut down and empty. */
  get(): Promise<K | undefined> {
    const key = this.#next();
    if (key !== undefined || this.#shutDown) return Promise.resolve(key);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** The work on a key that `get` gave is over. */
  done(key: K): void {
    const place = this.#places.get(key);
    if (place?.kind !== 'processing' && place?.kind !== 'dirty') return;
    this.#places.delete(key);
    this.#meter.worked((this.#clock.monotonic() - place.since) / 1000);
    if (place.kind === 'dirty') this.#enqueue(key, place.priority, place.addedAt);
  }

  /** Takes nothing more, drops what is set for later; what waits is still given out, then `get` gives undefined. */
  shutDown(): void {
    this.#shutDown = true;
    this.#timetable.clear();
    this.#setTimer();
    for (let taker = this.#takers.shift(); taker !== undefined; taker = this.#takers.shift()) {
      taker(undefined);
    }
  }

  #enqueue(key: K, priority: Priority, since: number): void {
    this.#places.set(key, { kind: 'waiting', priority, since });
    this.#waiting[priority] += 1;
    (priority === 'normal' ? this.#normal : this.#low).push(key);
    const taker = this.#takers.shift();
    if (taker !== undefined) taker(this.#next());
  }

  #next(): K | undefined {
    return this.#takeFrom(this.#normal, 'normal') ?? this.#takeFrom(this.#low, 'low');
  }

  #takeFrom(fifo: Fifo<K>, priority: Priority): K | undefined {
    while (fifo.length > 0) {
      const key = fifo.shift() as K;
      const place = this.#places.get(key);
      if (place?.kind !== 'waiting' || place.priority !== priority) continue;
      const now = this.#clock.monotonic();
      this.#waiting[priority] -= 1;
      this.#places.set(key, { kind: 'processing', since: now });
      this.#meter.taken((now - place.since) / 1000);
      this.#timetable.delete(key);
      this.#setTimer();
      return key;
    }
    return undefined;
  }

  /** One timer for all keys, set to the earliest time. */
  #setTimer(): void {
    const next = this.#timetable.next;
    if (this.#timer?.at === next) return;
    // A timer that is too early costs one look; setting it anew for every key that is taken costs more.
    if (next !== undefined && this.#timer !== undefined && this.#timer.at < next) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (next === undefined) return;
    const cancel = this.#clock.startTimer(Math.max(0, next - this.#clock.monotonic()), () => this.#wake());
    this.#timer = { at: next, cancel };
  }

  #wake(): void {
    const at = this.#timer?.at ?? 0;
    this.#timer = undefined;
    // Timers may fire a little early.
    const now = Math.max(at, this.#clock.monotonic());
    for (let key = this.#timetable.takeDue(now); key !== undefined; key = this.#timetable.takeDue(now)) {
      this.add(key);
    }
    this.#setTimer();
  }

  #runningSince(): readonly number[] {
    const since: number[] = [];
    for (const place of this.#places.values()) if (place.kind !== 'waiting') since.push(place.since);
    return since;
  }
}

interface Reading {
  readonly waiting: Readonly<Record<Priority, number>>;
  readonly runningSince: readonly number[];
}

/** The queue's metrics. */
class Meter {
  readonly #metrics: RuntimeMetrics;
  readonly #labels: { readonly name: string; readonly controller: string };

  constructor({ name, metrics, clock = systemClock }: WorkQueueOptions, read: () => Reading) {
    this.#metrics = metrics;
    this.#labels = { name, controller: name };
    metrics.observe(() => {
      const { waiting, runningSince } = read();
      const now = clock.monotonic();
      const seconds = runningSince.map((since) => (now - since) / 1000);
      metrics.queueDepth.set({ ...this.#labels, priority: 'normal' }, waiting.normal);
      metrics.queueDepth.set({ ...this.#labels, priority: 'low' }, waiting.low);
      metrics.queueUnfinished.set(
        this.#labels,
        seconds.reduce((sum, one) => sum + one, 0),
      );
      metrics.queueLongest.set(
        this.#labels,
        seconds.reduce((longest, one) => Math.max(longest, one), 0),
      );
    });
  }

  added(): void {
    this.#metrics.queueAdds.inc(this.#labels);
  }

  retried(): void {
    this.#metrics.queueRetries.inc(this.#labels);
  }

  taken(waitedSeconds: number): void {
    this.#metrics.queueWait.observe(this.#labels, waitedSeconds);
  }

  worked(seconds: number): void {
    this.#metrics.queueWork.observe(this.#labels, seconds);
  }
}
