import type { Clock } from '../clock.ts';
import type { LookupResult } from '../engine/engine.ts';
import type { WriteGuard } from './guard.ts';
import type { Journal } from './journal.ts';
import type { Lookups } from './lookups.ts';
import { isOpen } from './proof.ts';
import type { Chat, Entry, Schedule } from './schedule.ts';
import type { SessionWatch } from './session-watch.ts';
import type { OutboxSettings } from './settings.ts';
import { found } from './transition.ts';

export interface QuestionsOptions {
  readonly journal: Journal;
  readonly schedule: Schedule;
  readonly session: SessionWatch;
  readonly lookups: Lookups;
  readonly guard: WriteGuard;
  readonly settings: OutboxSettings;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called after an answer has changed what is known of a chat. */
  readonly answered: () => void;
}

/** How long after a question that was not answered the page is asked again. Milliseconds. */
export const ASK_AGAIN_MS = 1000;

/**
 * Asks the page about open messages, and notes what it says in the schedule.
 *
 * Guarantees: one question at a time per message; an answer counts only for the page that gave it; every answer, also
 * one that says nothing, brings its chat before the dispatcher again.
 */
export class Questions {
  readonly #options: QuestionsOptions;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /** Asks whether the page has a message, if it is time and the budget allows; false when it does not. */
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

  /** Asks whether the recipient has an account, if the budget allows; false when it does not. */
  askRegistration(entry: Entry, chat: Chat): boolean {
    const { lookups, schedule, session, answered } = this.#options;
    if (entry.busy || !lookups.mayAsk()) return false;
    entry.busy = true;
    const { life } = session;
    void lookups.askRegistration(entry.message).then((registration) => {
      entry.busy = false;
      if (session.life === life) entry.registration = registration;
      if (isOpen(entry.message)) schedule.touch(chat);
      answered();
    });
    return true;
  }

  /** When the budget allows the next question. Milliseconds since 1970. */
  nextAt(): number {
    const { lookups, clock } = this.#options;
    return clock.now() + Math.max(1, lookups.waitMs());
  }

  #answered(answer: LookupResult | { readonly kind: 'stale' }, entry: Entry, chat: Chat): void {
    const { schedule, clock, answered } = this.#options;
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
      case 'found':
        this.#found(answer, entry, now);
    }
    if (isOpen(entry.message)) {
      schedule.note(entry);
      schedule.touch(chat);
    }
    answered();
  }

  #found(answer: Extract<LookupResult, { readonly kind: 'found' }>, entry: Entry, now: number): void {
    const { guard, journal, settings, random } = this.#options;
    const before = entry.message;
    const after = found(before, answer.ack, settings, now, random());
    entry.unansweredSince = undefined;
    // Asked again ever more seldom, while it stays as it is.
    entry.askAt =
      now + Math.min(Math.max(ASK_AGAIN_MS, now - (after.insertedAt ?? now)), settings.ackTimeoutMs);
    if (guard.attempt(() => journal.commit([{ before, after }]))) entry.finding = answer;
  }
}
