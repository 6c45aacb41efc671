import { randomBytes } from 'node:crypto';
import type { Transition, WaitTarget } from '@whatsapp-operator/api/session';
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import { Failure } from '../failure.ts';
import type { MediaStore } from '../media/media.ts';
import type { Store } from '../store/store.ts';
import { Acks } from './acks.ts';
import type {
  Accepted,
  AcceptRequest,
  Idempotency,
  ListQuery,
  MessageSlice,
  Outbox,
  OutboxFailure,
  OutboxStats,
} from './contract.ts';
import { Dispatcher } from './dispatcher.ts';
import { WriteGuard } from './guard.ts';
import { Intake } from './intake.ts';
import { Journal } from './journal.ts';
import { Lookups } from './lookups.ts';
import type { Message } from './message.ts';
import { isOpen, isProvenUnsent } from './proof.ts';
import { Recovery } from './recovery.ts';
import { Schedule } from './schedule.ts';
import { endsRegistration, SessionWatch } from './session-watch.ts';
import type { OutboxSettings } from './settings.ts';
import { giveUp } from './transition.ts';
import { Upheavals } from './upheavals.ts';
import { Vigil } from './vigil.ts';
import { hasReached, Waiters } from './waiters.ts';

export interface OutboxOptions {
  readonly store: Store;
  readonly media: MediaStore;
  readonly engine: Engine;
  readonly settings: OutboxSettings;
  readonly log: Logger;
  /**
   * Called once with an error after which the outbox cannot go on: the database is damaged, or a bug. The process
   * should end: everything that was accepted is on disk.
   */
  readonly onFatal: (error: unknown) => void;
  readonly clock?: Clock;
  /** From 0 up to, not including, 1. Default Math.random. */
  readonly random?: () => number;
  readonly makeId?: () => Uint8Array;
}

/** How far back acknowledgements are asked for first, once connected again. Milliseconds. */
const MISSED_MS = 3_600_000;
const DRAIN_POLL_MS = 20;

/** Opens the outbox of a data folder: resolves what a crash left behind, and sends nothing before `start`. */
export const createOutbox = (options: OutboxOptions): Outbox => new DurableOutbox(options);

class DurableOutbox implements Outbox {
  readonly #options: OutboxOptions;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #schedule = new Schedule();
  readonly #session: SessionWatch;
  readonly #guard: WriteGuard;
  readonly #intake: Intake;
  readonly #lookups: Lookups;
  readonly #dispatcher: Dispatcher;
  readonly #vigil: Vigil;
  readonly #acks: Acks;
  readonly #upheavals: Upheavals;
  readonly #waiters: Waiters;
  #unsubscribe: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    const { store, media, engine, settings, log, clock = systemClock, random = Math.random } = options;
    const { database, counters } = store;
    this.#options = options;
    this.#clock = clock;
    this.#waiters = new Waiters(clock);
    this.#journal = new Journal({ database, counters, log });
    this.#journal.onChange(({ before, after }) => this.#changed(before, after));
    this.#session = new SessionWatch(engine);
    this.#guard = new WriteGuard(clock, log, options.onFatal, () => this.#dispatcher.run());
    const shared = {
      engine,
      journal: this.#journal,
      schedule: this.#schedule,
      session: this.#session,
      guard: this.#guard,
      settings,
      clock,
      random,
      log,
    };
    this.#lookups = new Lookups({ ...shared, perSecond: settings.lookupsPerSecond });
    const recovery = new Recovery({ ...shared, counters, ackTimeoutMs: settings.ackTimeoutMs });
    this.#dispatcher = new Dispatcher({ ...shared, lookups: this.#lookups, recovery, media });
    this.#acks = new Acks({
      ...shared,
      acknowledged: () => {
        recovery.acknowledged();
        this.#dispatcher.run();
      },
      wake: this.#dispatcher.run,
    });
    this.#intake = new Intake({
      ...shared,
      reserve: store.reserve,
      counters,
      makeId: options.makeId ?? (() => randomBytes(9)),
    });
    this.#vigil = new Vigil({
      ...shared,
      lookups: this.#lookups,
      recovery,
      dispatcher: this.#dispatcher,
      flushCounts: () => this.#intake.flushRefusals(),
    });
    this.#upheavals = new Upheavals({ ...shared, store });
    this.#upheavals.processEnded();
    this.#upheavals.folderRestored();
    for (const message of this.#journal.rows.open()) this.#schedule.add(message);
  }

  start(): void {
    this.#unsubscribe = this.#options.engine.on({
      ack: this.#acks.hint,
      transition: (transition) => this.#sessionMoved(transition),
    });
    if (this.#options.engine.snapshot.state === 'Connected') this.#connected();
    this.#dispatcher.start();
    this.#vigil.start();
  }

  accept(request: AcceptRequest, idempotency?: Idempotency): Accepted {
    const accepted = this.#intake.accept(request, idempotency);
    if (!accepted.replayed) {
      this.#schedule.add(accepted.message);
      // After the caller has its answer on the way: what follows is another commit to disk.
      setImmediate(this.#dispatcher.run);
    }
    return accepted;
  }

  recall(idempotency: Idempotency): Message | undefined {
    return this.#intake.recall(idempotency);
  }

  refusal(): OutboxFailure | undefined {
    return this.#intake.refusal();
  }

  get(id: string): Message | undefined {
    return this.#schedule.entries.get(id)?.entry.message ?? this.#journal.rows.byId(id);
  }

  list(query: ListQuery): MessageSlice {
    const after = query.after === undefined ? 0 : Number(query.after);
    if (!Number.isSafeInteger(after) || after < 0 || !/^\d*$/.test(query.after ?? '')) {
      throw new Failure('invalid_cursor', 'terminal', 'the cursor is not one that this API gave');
    }
    const found = this.#journal.rows.list({ ...query, limit: query.limit + 1 }, after);
    const messages = found.slice(0, query.limit);
    return { messages, next: found.length > query.limit ? String(messages.at(-1)?.seq) : undefined };
  }

  cancel(id: string): Message {
    const before = this.#require(id);
    const entry = this.#schedule.entries.get(id)?.entry;
    if (before.status === 'cancelled') return before;
    if (entry === undefined || entry.busy || !isProvenUnsent(before)) {
      throw new Failure(
        'not_cancellable',
        'conflict',
        isOpen(before)
          ? 'the message was handed to WhatsApp Web, or may have been'
          : `the message is ${before.status} already`,
      );
    }
    const { settings } = this.#options;
    this.#journal.commit([
      {
        before,
        after: giveUp(before, 'cancelled', 'cancelled', 'cancelled by request', settings, this.#clock.now()),
      },
    ]);
    setImmediate(this.#dispatcher.run);
    return this.#require(id);
  }

  async wait(id: string, target: WaitTarget, timeoutMs: number, signal?: AbortSignal): Promise<Message> {
    const message = this.#require(id);
    if (hasReached(message, target)) return message;
    await this.#waiters.wait(id, target, timeoutMs, signal);
    return this.get(id) ?? message;
  }

  stats(): OutboxStats {
    const [oldest] = this.#schedule.entries.values();
    const refusal = this.#intake.refusal()?.code;
    return {
      byStatus: this.#journal.countsByStatus(),
      oldestOpenAt: oldest?.entry.message.acceptedAt,
      accepting: refusal === undefined,
      refusal,
    };
  }

  pauseIntake(): void {
    this.#intake.paused = true;
  }

  resumeIntake(): void {
    this.#intake.paused = false;
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#dispatcher.stop();
    this.#vigil.stop();
    const until = this.#clock.now() + deadlineMs;
    while (this.#dispatcher.inFlight > 0 && this.#clock.now() < until) {
      await new Promise<void>((resolve) => this.#clock.after(DRAIN_POLL_MS, resolve));
    }
    this.#unsubscribe?.();
    this.#acks.flush();
    this.#intake.flushRefusals();
    this.#guard.end();
    this.#waiters.releaseAll();
  }

  #require(id: string): Message {
    const message = this.get(id);
    if (message === undefined) throw new Failure('message_not_found', 'terminal', 'no message has this id');
    return message;
  }

  #changed(before: Message, after: Message): void {
    const known = this.#schedule.entries.get(after.id);
    if (known !== undefined) {
      known.entry.message = after;
      if (!isOpen(after)) this.#schedule.remove(after.id);
    }
    if (before.endedAt === undefined && after.endedAt !== undefined && before.mediaDigest !== undefined) {
      this.#options.media.discard(before.mediaDigest);
    }
    this.#waiters.notify(after);
  }

  #sessionMoved(transition: Transition): void {
    if (this.#session.follow(transition)) this.#schedule.forgetFindings();
    if (endsRegistration(transition)) this.#upheavals.deviceUnlinked(this.#dispatcher.run);
    if (transition.to === 'Connected') this.#connected();
    this.#dispatcher.run();
  }

  #connected(): void {
    const now = this.#clock.now();
    this.#guard.persist(
      () => {
        this.#upheavals.accountLinked();
        this.#journal.commit([], () => this.#journal.rows.checkSoon(now - MISSED_MS, now));
      },
      () => {
        this.#session.accountChecked();
        this.#schedule.touchAll();
        this.#dispatcher.run();
      },
    );
  }
}
