import { type Clock, systemClock } from './clock.ts';
import { isAborted, isNotLeader } from './errors.ts';
import type { Informer } from './informer.ts';
import { type ObjectKey, refOf } from './key.ts';
import type { Logger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import type { KubeObject } from './objects.ts';
import type { Backoff } from './retry.ts';
import type { StoreEvent } from './store.ts';
import { WorkQueue } from './workqueue.ts';

/**
 * Runs a reconcile for the keys whose world may have changed. Guarantees:
 * - never two reconciles of one key at a time, also when one of them hangs past its deadline;
 * - a reconcile that hangs does not take a worker with it: after `deadlineMs` the worker goes on with other keys;
 * - whatever a reconcile throws concerns its key alone;
 * - a change that comes in during a reconcile leads to another one after it;
 * - `run` returns when all work that had begun is over, or after `drainMs`.
 */

/** What becomes of a key after a reconcile that did not throw. */
export type Result =
  /** Nothing to do until something changes. */
  | { readonly kind: 'done' }
  /** Look again after this long, at the latest: a change wakes it earlier. */
  | { readonly kind: 'requeue'; readonly afterMs: number };

export const done: Result = { kind: 'done' };
export const requeueAfter = (afterMs: number): Result => ({ kind: 'requeue', afterMs });

export interface ReconcileContext {
  /** Aborted at the deadline and at shutdown. Pass it to every request. */
  readonly signal: AbortSignal;
  /** Failures of this key in a row, before this time. */
  readonly failures: number;
}

/**
 * Brings the world of one key nearer to what is asked for; called again and again, so that it may stop anywhere. What
 * it throws decides what follows: {@link TerminalError} and errors of class `terminal` wait for a change, everything
 * else is repeated with backoff, not before a `retryAfterMs` that the error carries.
 */
export type Reconcile = (key: ObjectKey, context: ReconcileContext) => Promise<Result>;

/** Repeating does not help: somebody has to change the object first. */
export class TerminalError extends Error {
  readonly class = 'terminal';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'TerminalError';
  }
}

export interface ControllerOptions {
  /** Name in logs and metrics. */
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly log: Logger;
  readonly metrics: RuntimeMetrics;
  /** Reconciles at a time. Default 8. */
  readonly workers?: number;
  /** Default 60 s. */
  readonly deadlineMs?: number;
  /** How long `run` waits at its end for reconciles that do not heed their signal. Default 10 s. */
  readonly drainMs?: number;
  /** Between failures of one key. Default 5 ms doubled up to 5 min. */
  readonly backoff?: Backoff;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** What followed from one reconcile. */
type Outcome =
  | { readonly kind: 'success' }
  | { readonly kind: 'requeue_after'; readonly afterMs: number }
  | { readonly kind: 'error'; readonly atLeastMs: number; readonly error: unknown }
  | { readonly kind: 'terminal'; readonly error: unknown }
  /** Shutdown or lost leadership: not the key's fault, and not for this process to repeat. */
  | { readonly kind: 'stopped' };

export class Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #queue: WorkQueue<ObjectKey>;
  readonly #informers: { synced(): Promise<void> }[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = new WorkQueue(options);
    const labels = { controller: options.name };
    const { reconciles, reconcileErrors, terminalErrors, reconcilePanics, reconcileTimeouts } =
      options.metrics;
    // Counters that are there before they count: increase() sees the first one too.
    for (const counter of [reconcileErrors, terminalErrors, reconcilePanics, reconcileTimeouts])
      counter.inc(labels, 0);
    for (const result of ['success', 'requeue_after', 'error']) reconciles.inc({ ...labels, result }, 0);
  }

  /** Reconciles `keysOf` each event of the informer. The state of the world at the start goes behind what is new. */
  watch<T extends KubeObject, Index extends string>(
    informer: Informer<T, Index>,
    keysOf: (event: StoreEvent<T>) => readonly ObjectKey[],
  ): void {
    this.#informers.push(informer);
    informer.onEvent((event) => {
      const priority = event.kind === 'added' && event.initial ? 'low' : 'normal';
      for (const key of keysOf(event)) this.#queue.add(key, priority);
    });
  }

  /** Has the key reconciled soon, for a reason that no informer sees. */
  enqueue(key: ObjectKey): void {
    this.#queue.add(key);
  }

  /** The same, after a while: the earliest wish counts, and a reconcile in between takes it back. */
  enqueueAfter(key: ObjectKey, ms: number): void {
    this.#queue.addAfter(key, ms);
  }

  /**
   * Waits for the informers, then works until the signal is aborted. Once per controller. Never throws. Returns how
   * many reconciles were still under way when it gave up waiting for them.
   */
  async run(signal: AbortSignal): Promise<number> {
    const { metrics, log, workers = 8, drainMs = 10_000 } = this.#options;
    const stopped = Promise.withResolvers<void>();
    const stop = () => {
      this.#queue.shutDown();
      stopped.resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    await Promise.race([stopped.promise, Promise.all(this.#informers.map((informer) => informer.synced()))]);
    metrics.maxWorkers.set({ controller: this.name }, workers);
    if (!signal.aborted) log.info({ controller: this.name, workers }, 'controller started');
    await Promise.all(Array.from({ length: workers }, () => this.#work(signal)));
    const unfinished = await this.#drain(drainMs);
    log.info({ controller: this.name, unfinished }, 'controller stopped');
    return unfinished;
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      // What still waits at shutdown is for the next leader.
      if (signal.aborted) this.#queue.done(key);
      else await this.#process(key, signal);
    }
  }

  /** Resolves when the reconcile is over or its deadline has passed, whichever comes first. */
  async #process(key: ObjectKey, signal: AbortSignal): Promise<void> {
    const { metrics, log, deadlineMs = 60_000 } = this.#options;
    const labels = { controller: this.name };
    const deadline = new AbortController();
    const late = Promise.withResolvers<void>();
    const cancel = this.#clock.startTimer(deadlineMs, () => {
      metrics.reconcileTimeouts.inc(labels);
      log.error({ ...labels, ...refOf(key), deadlineMs }, 'reconcile passed its deadline');
      deadline.abort(new Error(`reconcile deadline of ${deadlineMs} ms`));
      late.resolve();
    });
    const running = this.#reconcile(key, AbortSignal.any([signal, deadline.signal]), signal).finally(() => {
      cancel();
      this.#running.delete(running);
    });
    this.#running.add(running);
    metrics.activeWorkers.inc(labels);
    await Promise.race([running, late.promise]);
    metrics.activeWorkers.dec(labels);
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal, shutdown: AbortSignal): Promise<void> {
    const startedAt = this.#clock.monotonic();
    let outcome: Outcome;
    try {
      const result = await this.#options.reconcile(key, { signal, failures: this.#queue.failures(key) });
      outcome =
        result.kind === 'done' ? { kind: 'success' } : { kind: 'requeue_after', afterMs: result.afterMs };
    } catch (error) {
      if (isPanic(error)) this.#options.metrics.reconcilePanics.inc({ controller: this.name });
      outcome = outcomeOf(error, shutdown.aborted);
    }
    const seconds = (this.#clock.monotonic() - startedAt) / 1000;
    this.#options.metrics.reconcileTime.observe({ controller: this.name }, seconds);
    this.#settle(key, outcome);
    this.#queue.done(key);
  }

  #settle(key: ObjectKey, outcome: Outcome): void {
    const { metrics, log } = this.#options;
    const labels = { controller: this.name };
    switch (outcome.kind) {
      case 'success':
        this.#queue.forget(key);
        break;
      case 'requeue_after':
        this.#queue.forget(key);
        this.#queue.addAfter(key, outcome.afterMs);
        break;
      case 'error':
        this.#queue.addRateLimited(key, outcome.atLeastMs);
        metrics.reconcileErrors.inc(labels);
        log.warn(
          { ...labels, ...refOf(key), failures: this.#queue.failures(key), err: outcome.error },
          'reconcile failed, will be repeated',
        );
        break;
      case 'terminal':
        this.#queue.forget(key);
        metrics.reconcileErrors.inc(labels);
        metrics.terminalErrors.inc(labels);
        log.error({ ...labels, ...refOf(key), err: outcome.error }, 'reconcile failed, waiting for a change');
        break;
      case 'stopped':
        return;
    }
    metrics.reconciles.inc({ ...labels, result: outcome.kind === 'terminal' ? 'error' : outcome.kind });
  }

  /** Waits for reconciles that are under way; returns how many were left behind. */
  async #drain(ms: number): Promise<number> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#clock.startTimer(ms, late.resolve);
    await Promise.race([Promise.all(this.#running), late.promise]);
    cancel();
    return this.#running.size;
  }
}

function outcomeOf(error: unknown, shuttingDown: boolean): Outcome {
  if (shuttingDown || isNotLeader(error)) return { kind: 'stopped' };
  // Aborted by the deadline: the next attempt may have more luck.
  if (!isAborted(error) && classOf(error) === 'terminal') return { kind: 'terminal', error };
  return { kind: 'error', error, atLeastMs: retryAfterOf(error) };
}

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : undefined;

const classOf = (error: unknown): unknown => field(error, 'class');

function retryAfterOf(error: unknown): number {
  const asked = field(error, 'retryAfterMs');
  return typeof asked === 'number' && asked > 0 ? asked : 0;
}

/** Errors that only a mistake of the program throws; they are repeated like others, but counted apart. */
const isPanic = (error: unknown): boolean =>
  !(error instanceof Error) ||
  error instanceof TypeError ||
  error instanceof ReferenceError ||
  error instanceof RangeError ||
  error instanceof SyntaxError;
