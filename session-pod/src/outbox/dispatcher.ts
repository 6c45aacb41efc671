import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Engine, LookupResult, SendOutcome } from '../engine/engine.ts';
import type { MediaStore } from '../media/media.ts';
import { type Decision, decide } from './decide.ts';
import type { WriteGuard } from './guard.ts';
import { Handover } from './handover.ts';
import type { Journal } from './journal.ts';
import type { Lookups } from './lookups.ts';
import { handoverGap } from './pace.ts';
import { isOpen, isProvenUnsent } from './proof.ts';
import type { Recovery } from './recovery.ts';
import { type Chat, type Entry, headOf, type Schedule } from './schedule.ts';
import type { SessionWatch } from './session-watch.ts';
import type { OutboxSettings } from './settings.ts';
import { begin, conclude, found, giveUp } from './transition.ts';

export interface DispatcherOptions {
  readonly engine: Pick<Engine, 'send'>;
  readonly journal: Journal;
  readonly schedule: Schedule;
  readonly session: SessionWatch;
  readonly lookups: Lookups;
  readonly recovery: Recovery;
  readonly guard: WriteGuard;
  readonly media: Pick<MediaStore, 'pathOf'>;
  readonly settings: OutboxSettings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Pick<Logger, 'debug' | 'error'>;
}

/** How long after a question that was not answered the page is asked again. Milliseconds. */
const ASK_AGAIN_MS = 1000;

/**
 * Carries out what `decide` says, for the message whose turn it is in each chat: asks, hands over, ends, waits.
 *
 * Guarantees: the attempt record is on disk before the engine is called, and nothing new begins for a message before
 * the outcome of its last call is on disk. Everything happens in `run`, which never waits; calls end by running again.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #handover: Handover;
  #inFlight = 0;
  #nextHandoverAt = 0;
  #stopped = true;
  #running = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#handover = new Handover(options);
    const last = options.journal.rows.lastHandover();
    // A restart must not allow more in a minute than the rate.
    if (last !== undefined) this.#nextHandoverAt = last + this.#gap();
  }

  start(): void {
    this.#stopped = false;
    this.run();
  }

  /** Begins nothing new. Calls that run end by themselves. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  /** Calls whose outcome is not on disk yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Does whatever can be done now, and wakes up for what can be done later. */
  readonly run = (): void => {
    if (this.#stopped || this.#running) return;
    this.#running = true;
    try {
      this.#runPending();
      this.#runReady();
    } finally {
      this.#running = false;
    }
    this.#wakeLater();
  };

  /** Decides about one message that is not being called for, and acts. */
  consider(entry: Entry, chat: Chat): void {
    this.#act(this.#decide(entry), entry, chat);
  }

  decisionFor(entry: Entry): Decision {
    return this.#decide(entry);
  }

  /** Asks the page about a message, if the budget allows; false when it does not. */
  ask(entry: Entry, chat: Chat): boolean {
    const { lookups, clock, session } = this.#options;
    if (entry.busy || clock.now() < entry.askAt || !lookups.mayAsk()) return false;
    entry.busy = true;
    const { life } = session;
    void lookups.ask(entry.message).then((answer) => {
      // Compared only here, in the same breath in which the answer is used: the page may be another one by now.
      const fresh = session.life === life ? answer : ({ kind: 'stale' } as const);
      this.#answered(fresh, entry, chat);
    });
    return true;
  }

  #runPending(): void {
    const { schedule, clock, guard } = this.#options;
    while (!guard.paused) {
      const chat = schedule.takePending(clock.now());
      if (chat === undefined) return;
      const entry = headOf(chat);
      if (entry !== undefined && !entry.busy) this.consider(entry, chat);
    }
  }

  #runReady(): void {
    const { schedule, guard } = this.#options;
    while (!guard.paused && this.#gateIsOpen()) {
      const chat = schedule.takeReady();
      if (chat === undefined) return;
      const entry = headOf(chat);
      if (entry === undefined || entry.busy) continue;
      const decision = this.#decide(entry);
      if (decision.kind === 'attempt') this.#handOver(entry, chat, decision.reason);
      else this.#act(decision, entry, chat);
    }
  }

  #gateIsOpen(): boolean {
    const { schedule, settings, clock } = this.#options;
    return (
      this.#inFlight < settings.maxInFlight &&
      clock.now() >= this.#nextHandoverAt &&
      schedule.unacknowledged + this.#inFlight < settings.maxUnacknowledged
    );
  }

  #decide(entry: Entry): Decision {
    const { session, settings, clock } = this.#options;
    const now = clock.now();
    const { view } = session;
    const { unansweredSince } = entry;
    return decide({
      message: entry.message,
      finding: entry.finding,
      registration: entry.registration,
      unanswered:
        unansweredSince !== undefined &&
        now - Math.max(unansweredSince, view.quietSince) >= settings.ackTimeoutMs,
      session: view,
      settings,
      now,
    });
  }

  #act(decision: Decision, entry: Entry, chat: Chat): void {
    const { schedule, clock, recovery, lookups } = this.#options;
    switch (decision.kind) {
      case 'attempt':
        schedule.setReady(chat);
        return;
      case 'ask':
        if (!this.ask(entry, chat)) {
          schedule.sleep(chat, Math.max(entry.askAt, clock.now() + Math.max(1, lookups.waitMs())));
        }
        return;
      case 'ask_registration':
        this.#askRegistration(entry, chat);
        return;
      case 'wait':
        schedule.sleep(chat, decision.until);
        return;
      case 'recover':
        recovery.take(decision, decision.reason === 'ack_overdue' ? [entry.message] : []);
        schedule.sleep(chat, clock.now() + ASK_AGAIN_MS);
        return;
      case 'acknowledged':
      case 'end':
        this.#end(decision, entry, chat);
    }
  }

  #end(decision: Extract<Decision, { kind: 'acknowledged' | 'end' }>, entry: Entry, chat: Chat): void {
    const { journal, guard, settings, clock, random, schedule } = this.#options;
    const before = entry.message;
    const now = clock.now();
    const after =
      decision.kind === 'acknowledged'
        ? found(before, decision.ack, settings, now, random())
        : giveUp(before, decision.status, decision.code, decision.detail, settings, now);
    if (!guard.attempt(() => journal.commit([{ before, after }]))) schedule.touch(chat);
  }

  #handOver(entry: Entry, chat: Chat, reason: Parameters<typeof begin>[1]): void {
    const { journal, guard, clock, schedule, session } = this.#options;
    const before = entry.message;
    const payload = this.#handover.payloadOf(before);
    if (payload === undefined) {
      this.#endWithoutFile(entry, chat);
      return;
    }
    const after = begin(before, reason, clock.now());
    if (!guard.attempt(() => journal.commit([{ before, after }]))) {
      schedule.touch(chat);
      return;
    }
    Object.assign(entry, {
      finding: undefined,
      registration: undefined,
      unansweredSince: undefined,
      busy: true,
    });
    this.#inFlight += 1;
    this.#nextHandoverAt = clock.now() + this.#gap();
    const { life } = session;
    void this.#handover.call(after, payload).then((outcome) => this.#concluded(outcome, entry, chat, life));
  }

  #endWithoutFile(entry: Entry, chat: Chat): void {
    const { journal, guard, settings, clock, schedule } = this.#options;
    const before = entry.message;
    const status = isProvenUnsent(before) ? 'failed' : 'unknown';
    const detail = 'its file is gone from the volume';
    const after = giveUp(before, status, 'media_missing', detail, settings, clock.now());
    if (!guard.attempt(() => journal.commit([{ before, after }]))) schedule.touch(chat);
  }

  #concluded(outcome: SendOutcome, entry: Entry, chat: Chat, life: number): void {
    const { journal, guard, settings, clock, random, schedule, session } = this.#options;
    const now = clock.now();
    const jitter = random();
    guard.persist(
      () => {
        const before = entry.message;
        journal.commit([{ before, after: conclude(before, outcome, settings, now, jitter) }]);
      },
      () => {
        this.#inFlight -= 1;
        entry.busy = false;
        if (isOpen(entry.message)) {
          if (outcome.kind === 'inserted' && session.life === life) {
            entry.finding = { kind: 'found', ack: outcome.ack };
            entry.askAt = now + ASK_AGAIN_MS;
          }
          schedule.note(entry);
          schedule.touch(chat);
        }
        this.run();
      },
    );
  }

  #answered(answer: LookupResult | { readonly kind: 'stale' }, entry: Entry, chat: Chat): void {
    const { schedule, clock, guard, journal, settings, random } = this.#options;
    const now = clock.now();
    entry.busy = false;
    if (!isOpen(entry.message)) return;
    switch (answer.kind) {
      case 'stale':
        break;
      case 'unavailable':
        entry.unansweredSince ??= now;
        entry.askAt = now + ASK_AGAIN_MS;
        break;
      case 'absent':
        entry.unansweredSince = undefined;
        entry.finding = answer;
        break;
      case 'found': {
        const before = entry.message;
        const after = found(before, answer.ack, settings, now, random());
        entry.unansweredSince = undefined;
        // Asked again ever more seldom, while it stays as it is.
        entry.askAt =
          now + Math.min(Math.max(ASK_AGAIN_MS, now - (after.insertedAt ?? now)), settings.ackTimeoutMs);
        if (guard.attempt(() => journal.commit([{ before, after }]))) entry.finding = answer;
      }
    }
    if (isOpen(entry.message)) {
      schedule.note(entry);
      schedule.touch(chat);
    }
    this.run();
  }

  #askRegistration(entry: Entry, chat: Chat): void {
    const { lookups, schedule, clock } = this.#options;
    if (!lookups.mayAsk()) {
      schedule.sleep(chat, clock.now() + Math.max(1, lookups.waitMs()));
      return;
    }
    entry.busy = true;
    void lookups.askRegistration(entry.message).then((registration) => {
      entry.busy = false;
      entry.registration = registration;
      if (isOpen(entry.message)) schedule.touch(chat);
      this.run();
    });
  }

  #gap(): number {
    return handoverGap(this.#options.settings.ratePerMinute, this.#options.random());
  }

  #wakeLater(): void {
    const { schedule, clock } = this.#options;
    this.#cancelTimer?.();
    const now = clock.now();
    const gate =
      schedule.hasReady && this.#nextHandoverAt > now ? this.#nextHandoverAt : Number.POSITIVE_INFINITY;
    const at = Math.min(gate, schedule.nextWake);
    this.#cancelTimer = Number.isFinite(at) ? clock.after(Math.max(1, at - now), this.run) : undefined;
  }
}
