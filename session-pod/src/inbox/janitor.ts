import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import type { Counters } from '../store/counters.ts';
import type { EventLog } from './event-log.ts';
import type { KnownMessages } from './known-messages.ts';
import { gapEvent } from './payload.ts';
import { PRUNE_BATCH, pruning } from './retention.ts';
import type { InboxSettings } from './settings.ts';

export interface JanitorOptions {
  readonly log: EventLog;
  readonly known: KnownMessages;
  readonly counters: Counters;
  readonly settings: InboxSettings;
  /** The last event that every enabled webhook is done with; undefined when there is none. */
  readonly doneWith: () => number | undefined;
  /** Called after events up to one are gone, within their transaction. */
  readonly pruned: (upTo: number) => void;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}

const INTERVAL_MS = 10_000;
/** Between steps while there is more to do. */
const STEP_MS = 50;
/** Old messages are forgotten so often: counting them is not free. Milliseconds. */
const FORGET_MS = 600_000;

/** Keeps the log within its bounds, a little at a time; what is lost to a webhook by that is told and counted. */
export class Janitor {
  readonly #options: JanitorOptions;
  #cancel: (() => void) | undefined;
  #forgetAt = 0;

  constructor(options: JanitorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.clock.after(INTERVAL_MS, () => this.#turn());
  }

  stop(): void {
    this.#cancel?.();
  }

  #turn(): void {
    let more = false;
    try {
      more = this.step();
    } catch (err) {
      // A full volume may pass; an error that does not will meet somebody who ends the process.
      if (!(err instanceof Failure)) throw err;
      this.#options.logger.error({ err }, 'the event log could not be pruned');
    }
    this.#cancel = this.#options.clock.after(more ? STEP_MS : INTERVAL_MS, () => this.#turn());
  }

  /** Prunes once; true when there is more. */
  step(): boolean {
    const { log, settings, clock } = this.#options;
    const { first, last, bytes } = log.bounds;
    const lastExpired = log.lastBefore(clock.now() - settings.retentionMs);
    const wanted = pruning(
      { first, last, bytes, lastExpired, doneWith: this.#options.doneWith() },
      settings.maxBytes,
    );
    const pruned = wanted === undefined ? 0 : this.#prune(wanted.upTo, wanted.gap);
    return pruned > 0 || this.#forget();
  }

  #prune(upTo: number, gap: boolean): number {
    const { log, counters, clock, logger } = this.#options;
    const { first } = log.bounds;
    const doneWith = this.#options.doneWith() ?? upTo;
    const count = log.commit((add) => {
      const gone = log.prune(upTo, PRUNE_BATCH);
      this.#options.pruned(first + gone - 1);
      if (gap) {
        counters.increment('eventsLost', {}, Math.max(0, first + gone - 1 - Math.max(doneWith, first - 1)));
        add(gapEvent({ cause: 'retention', firstEvent: first, lastEvent: first + gone - 1 }, clock.now()));
      }
      return gone;
    });
    if (gap) {
      logger.warn(
        { first, last: first + count - 1 },
        'events were pruned that a webhook has not got yet: the log is full',
      );
    }
    return count;
  }

  #forget(): boolean {
    const { known, log, settings, clock } = this.#options;
    const now = clock.now();
    if (now < this.#forgetAt) return false;
    const byAge = now - settings.memoryMs;
    const cut = Math.max(byAge, known.timeOfNewest(settings.maxKnown) ?? 0);
    const more = log.commit(() => known.forgetBefore(cut, PRUNE_BATCH)) === PRUNE_BATCH;
    if (!more) this.#forgetAt = now + FORGET_MS;
    return more;
  }
}
