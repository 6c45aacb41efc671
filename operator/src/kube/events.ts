import { randomUUID } from 'node:crypto';
import type { KubeClient } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { isNotFound } from './errors.ts';
import {
  type Allowance,
  type AllowanceLimits,
  continueSeries,
  type Occurrence,
  type Series,
  seriesKey,
  takeAllowance,
} from './event-series.ts';
import { microTime } from './lease-decision.ts';
import type { Logger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import type { Event, KubeObject, Live, ObjectReference } from './objects.ts';
import { events } from './resource.ts';

/**
 * Tells people about objects, by Events of events.k8s.io/v1. Guarantees:
 * - `record` returns at once and never throws; reconciling does not depend on it in any way;
 * - the same thing again within `ttlMs` raises the count of the Event instead of making another;
 * - no object costs more than `limits` allows, and no flood more than `waitingLimit` of memory: what is dropped is
 *   counted in the metrics, and the count of a series catches up with its next write.
 * Delivery is best effort: an Event that the API server does not take after the transport's repetitions is gone.
 */
export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** `whatsapp-operator.io/operator` */
  readonly controller: string;
  /** This process. */
  readonly instance: string;
  /** Namespace for Events about objects that have none. Default `default`. */
  readonly defaultNamespace?: string;
  /** Default 6 min. */
  readonly ttlMs?: number;
  /** Writes per object. Default 25 at once and one more every 30 s. */
  readonly limits?: AllowanceLimits;
  /** Series waiting for their write. Default 1000. */
  readonly waitingLimit?: number;
  readonly log: Logger;
  readonly metrics: RuntimeMetrics;
  readonly clock?: Clock;
}

type Outcome = 'created' | 'repeated' | 'limited' | 'dropped' | 'failed';

const defaultLimits: AllowanceLimits = { burst: 25, refillMs: 30_000 };
const longestNoteBytes = 1024;

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #series = new Map<string, Series>();
  readonly #allowances = new Map<string, Allowance>();
  /** Keys of series with something to tell, in the order in which it happened. */
  readonly #waiting = new Set<string>();
  #writing: Promise<void> | undefined;
  #sweptAt: number;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#ttlMs = options.ttlMs ?? 360_000;
    this.#sweptAt = this.#clock.monotonic();
  }

  /** Notes an occurrence about an object that exists. */
  record(object: Live<KubeObject>, event: Omit<Occurrence, 'regarding'>): void {
    try {
      this.#note({ ...event, note: cut(event.note), regarding: referenceTo(object) });
    } catch (error) {
      this.#count('failed');
      this.#options.log.error({ err: error }, 'event not recorded');
    }
  }

  /** Waits until what was recorded is written or dropped, but no longer than `ms`: for a shutdown in order. */
  async flush(ms = 3000): Promise<void> {
    const late = new AbortController();
    const written = (async () => {
      while (this.#writing !== undefined) await this.#writing;
    })();
    await Promise.race([written, sleep(this.#clock, ms, late.signal)]);
    late.abort();
  }

  #note(occurrence: Occurrence): void {
    const now = this.#clock.monotonic();
    this.#sweep(now);
    const key = seriesKey(occurrence);
    const before = this.#series.get(key);
    const series = continueSeries(before, occurrence, now, this.#clock.now(), this.#ttlMs);
    if (!this.#waiting.has(key)) {
      if (this.#waiting.size >= (this.#options.waitingLimit ?? 1000)) {
        this.#count('dropped');
        return;
      }
      if (!this.#allow(occurrence.regarding, now)) {
        // Its count is kept; the next write that is allowed tells it.
        this.#series.set(key, series);
        this.#count('limited');
        return;
      }
    }
    this.#series.set(key, series);
    this.#waiting.add(key);
    this.#writing ??= this.#writeAll();
  }

  #allow({ uid = '' }: ObjectReference, now: number): boolean {
    const allowance = takeAllowance(this.#allowances.get(uid), now, this.#options.limits ?? defaultLimits);
    if (allowance === undefined) return false;
    this.#allowances.set(uid, allowance);
    return true;
  }

  async #writeAll(): Promise<void> {
    // Not within `record`: what is recorded in one go becomes one write per series.
    await Promise.resolve();
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      const series = this.#series.get(key);
      if (series === undefined) continue;
      try {
        await this.#write(key, series);
      } catch (error) {
        this.#count('failed');
        const { reason, regarding } = series.occurrence;
        this.#options.log.warn(
          { reason, namespace: regarding.namespace, name: regarding.name, err: error },
          'event not written',
        );
      }
    }
    this.#writing = undefined;
  }

  async #write(key: string, series: Series): Promise<void> {
    const name = series.eventName;
    if (name === undefined || !(await this.#repeat(name, series))) {
      const created = await this.#create(series);
      this.#named(key, series, created.metadata.name);
      this.#count('created');
      return;
    }
    this.#count('repeated');
  }

  /** Raises the count of an Event; false if the API server has let it expire. */
  async #repeat(name: string, series: Series): Promise<boolean> {
    const body = { series: { count: series.count, lastObservedTime: microTime(series.lastWall) } };
    const ref = { name, namespace: this.#namespaceOf(series.occurrence.regarding) };
    try {
      await this.#options.client.patch(events, ref, { type: 'merge', body });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #create(series: Series): Promise<Live<Event>> {
    const { controller, instance, client } = this.#options;
    const { regarding, type, reason, action, note } = series.occurrence;
    const namespace = this.#namespaceOf(regarding);
    const name = `${(regarding.name ?? '').slice(0, 200)}.${randomUUID().slice(0, 13)}`;
    const time = microTime(series.lastWall);
    return await client.create(events, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name, namespace },
      eventTime: time,
      type,
      reason,
      action,
      note,
      regarding,
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      // The API server wants a series to be two at least.
      ...(series.count > 1 ? { series: { count: series.count, lastObservedTime: time } } : {}),
    });
  }

  #named(key: string, series: Series, eventName: string): void {
    // It may have gone on in the meantime.
    const now = this.#series.get(key) ?? series;
    this.#series.set(key, { ...now, eventName });
  }

  /** Forgets what is over, once in a while, so that memory stays bounded. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < this.#ttlMs / 6) return;
    this.#sweptAt = now;
    const { refillMs, burst } = this.#options.limits ?? defaultLimits;
    for (const [key, series] of this.#series) {
      if (now - series.lastAt > this.#ttlMs && !this.#waiting.has(key)) this.#series.delete(key);
    }
    for (const [uid, allowance] of this.#allowances) {
      if (allowance.tokens + (now - allowance.at) / refillMs >= burst) this.#allowances.delete(uid);
    }
  }

  #namespaceOf({ namespace }: ObjectReference): string {
    return namespace ?? this.#options.defaultNamespace ?? 'default';
  }

  #count(outcome: Outcome): void {
    this.#options.metrics.events.inc({ outcome });
  }
}

/** As much of the text as the API server takes, not ending inside a character. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= longestNoteBytes) return note;
  return new TextDecoder().decode(bytes.subarray(0, longestNoteBytes), { stream: true });
}

/** A reference by which `kubectl describe` finds the Event. */
export function referenceTo({ apiVersion, kind, metadata }: Live<KubeObject>): ObjectReference {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, uid, resourceVersion, ...(namespace === undefined ? {} : { namespace }) };
}
