import type { Clock } from '../clock.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { WriteGuard } from './guard.ts';
import type { Journal } from './journal.ts';
import type { Lookups } from './lookups.ts';
import type { Message } from './message.ts';
import type { RecoverDecision, Recovery } from './recovery.ts';
import type { Schedule } from './schedule.ts';
import type { SessionWatch } from './session-watch.ts';
import type { OutboxSettings } from './settings.ts';
import { checked, found } from './transition.ts';

export interface VigilOptions {
  readonly journal: Journal;
  readonly schedule: Schedule;
  readonly session: SessionWatch;
  readonly lookups: Lookups;
  readonly recovery: Recovery;
  readonly dispatcher: Dispatcher;
  readonly guard: WriteGuard;
  readonly settings: OutboxSettings;
  readonly clock: Clock;
  /** Writes down what was counted in memory only. */
  readonly flushCounts: () => void;
}

const TICK_MS = 500;
const PRUNE_EVERY_MS = 10 * 60_000;
const PRUNE_BATCH = 500;

/**
 * Looks after what no event tells: messages whose time is over, acknowledgements that stay away, those that were
 * missed, and rows that nobody needs any more. The work of one look is bounded, however many messages there are.
 */
export class Vigil {
  readonly #options: VigilOptions;
  #nextPruneAt = 0;
  #stopped = true;

  constructor(options: VigilOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
  }

  readonly #look = (): void => {
    if (this.#stopped) return;
    const { guard, dispatcher, clock, flushCounts } = this.#options;
    if (!guard.paused) {
      const now = clock.now();
      this.#endExpired(now);
      this.#attendHandedOver();
      this.#checkLeft(now);
      this.#prune(now);
      flushCounts();
    }
    dispatcher.run();
    clock.after(TICK_MS, this.#look);
  };

  #endExpired(now: number): void {
    const { schedule, dispatcher } = this.#options;
    for (const { entry, chat } of schedule.entries.values()) {
      if (!entry.busy && now >= entry.message.expiresAt) dispatcher.consider(entry, chat);
    }
  }

  /** Messages in the page's own queue: asked for, and when they are overdue, something is done for all of them. */
  #attendHandedOver(): void {
    const { schedule, dispatcher, recovery, session } = this.#options;
    if (!session.connected) return;
    const overdue = new Map<RecoverDecision['step'], { decision: RecoverDecision; messages: Message[] }>();
    for (const [entry, chat] of schedule.handedOver) {
      dispatcher.ask(entry, chat);
      const decision = dispatcher.decisionFor(entry);
      if (decision.kind !== 'recover') continue;
      const same = overdue.get(decision.step) ?? { decision, messages: [] };
      same.messages.push(entry.message);
      overdue.set(decision.step, same);
    }
    for (const { decision, messages } of overdue.values()) recovery.take(decision, messages);
  }

  /** Messages that have left, or of which nothing is known: their acknowledgements may have been missed. */
  #checkLeft(now: number): void {
    const { journal, lookups, session, settings } = this.#options;
    if (!session.connected || lookups.running > settings.lookupsPerSecond) return;
    const share = Math.max(1, Math.floor((settings.lookupsPerSecond / 4) * (TICK_MS / 1000)));
    for (const message of journal.rows.dueForCheck(now, share)) {
      if (lookups.mayAsk()) void this.#check(message);
    }
  }

  async #check(message: Message): Promise<void> {
    const { journal, lookups, guard, settings, clock } = this.#options;
    const answer = await lookups.ask(message);
    guard.attempt(() => {
      const before = journal.rows.byId(message.id);
      if (before === undefined) return;
      const now = clock.now();
      const known = answer.kind === 'found' ? found(before, answer.ack, settings, now, 0) : before;
      journal.commit([{ before, after: known === before ? checked(before, settings, now) : known }]);
    });
  }

  #prune(now: number): void {
    const { journal, guard, settings } = this.#options;
    if (now < this.#nextPruneAt) return;
    guard.attempt(() => {
      const { retentionMs, idempotencyRetentionMs } = settings;
      const deleted = journal.prune(now - retentionMs, now - idempotencyRetentionMs, PRUNE_BATCH);
      // A full batch means that there is more: it goes on with the next look, and lets others in between.
      this.#nextPruneAt = deleted === PRUNE_BATCH ? now : now + PRUNE_EVERY_MS;
    });
  }
}
