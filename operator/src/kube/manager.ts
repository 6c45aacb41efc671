import type { Controller } from './controller.ts';
import type { EventRecorder } from './events.ts';
import type { LeaderElector } from './leader.ts';
import type { Logger } from './logger.ts';
import type { Checks } from './probes.ts';

/**
 * Starts and ends the parts of a controller process in order. Guarantees:
 * - caches run before and without leadership, so that a standby takes over warm;
 * - controllers run only while this process leads, if there is an elector;
 * - at the end controllers finish first, then Events are written, then the lease is released, and caches end last;
 * - the lease is not released while a reconcile is still under way: it runs out instead.
 */
export interface ManagerOptions {
  readonly informers: readonly Cache[];
  readonly controllers: readonly Pick<Controller, 'name' | 'run'>[];
  /** Without one this process always leads. */
  readonly elector?: Pick<LeaderElector, 'run' | 'isLeader'>;
  readonly recorder?: Pick<EventRecorder, 'flush'>;
  readonly log: Logger;
}

/** The part of an informer that the manager needs. */
export interface Cache {
  readonly resource: { readonly plural: string };
  readonly store: { readonly hasSynced: boolean };
  run(signal: AbortSignal): Promise<void>;
  synced(): Promise<void>;
}

/** Why `run` returned. After `lost_leadership` the process should exit with an error, to be started anew. */
export type ManagerEnd = 'stopped' | 'lost_leadership';

export class Manager {
  readonly #options: ManagerOptions;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  /** For the readiness probe: one check per cache. Standbys are ready too. */
  readyChecks(): Checks {
    return Object.fromEntries(
      this.#options.informers.map(({ resource, store }) => [
        `cache ${resource.plural}`,
        () => store.hasSynced,
      ]),
    );
  }

  /** Runs until the signal is aborted or leadership is lost. Once per manager. */
  async run(signal: AbortSignal): Promise<ManagerEnd> {
    const { informers, elector, recorder } = this.#options;
    const caches = new AbortController();
    const running = informers.map((informer) => informer.run(caches.signal));
    try {
      if (elector !== undefined) return await this.#runElected(elector, signal);
      await this.#runControllers(signal);
      await recorder?.flush();
      return 'stopped';
    } finally {
      caches.abort();
      await Promise.all(running);
    }
  }

  async #runElected(elector: Pick<LeaderElector, 'run'>, signal: AbortSignal): Promise<ManagerEnd> {
    // The elector outlives the controllers: it renews until they have finished.
    const election = new AbortController();
    const lost = new AbortController();
    const elected = Promise.withResolvers<void>();
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    let unfinished = 0;
    const electing = elector.run(election.signal, {
      onElected: () => elected.resolve(),
      onLost: () => lost.abort(),
      mayRelease: () => unfinished === 0,
    });
    await Promise.race([elected.promise, stopped, electing]);
    unfinished = await this.#runControllers(AbortSignal.any([signal, lost.signal]));
    if (lost.signal.aborted) return 'lost_leadership';
    await this.#options.recorder?.flush();
    if (unfinished > 0) this.#options.log.warn({ unfinished }, 'lease is left to run out');
    election.abort();
    await electing;
    return 'stopped';
  }

  async #runControllers(signal: AbortSignal): Promise<number> {
    if (signal.aborted) return 0;
    const unfinished = await Promise.all(
      this.#options.controllers.map((controller) => controller.run(signal)),
    );
    return unfinished.reduce((sum, one) => sum + one, 0);
  }
}
