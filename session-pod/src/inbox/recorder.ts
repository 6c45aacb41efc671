import type { Transition } from '@whatsapp-operator/api/session';
import type { Ack } from '../engine/engine.ts';
import type { IncomingCall, MessageSnapshot } from '../engine/inbound.ts';
import type { EventLog } from './event-log.ts';
import type { KnownMessages } from './known-messages.ts';
import { observe } from './observe.ts';
import { ackEvent, callEvent, gapEvent, sessionEvent } from './payload.ts';

export interface RecorderOptions {
  readonly log: EventLog;
  readonly known: KnownMessages;
  readonly isOurs: (messageId: string) => boolean;
  readonly me: () => string | undefined;
  readonly now: () => number;
}

/** Messages written in one transaction at most. */
const BATCH = 200;
/** The clock of the volume's machine and that of WhatsApp may differ by so much. Milliseconds. */
const CLOCK_MARGIN_MS = 5000;

/**
 * Writes what was seen into the log. Guarantees: each call is committed when it returns; the same thing written twice
 * is in the log once. Throws Failure<StorageFailureCode>, and then nothing of the call's last batch is written.
 */
export class Recorder {
  readonly #options: RecorderOptions;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /**
   * Messages of one chat, in order.
   *
   * @param graceMs how far before the floor they may lie: what WhatsApp Web tells of has just arrived, whatever the
   *   clocks say
   */
  messages(snapshots: readonly MessageSnapshot[], graceMs = 0): void {
    const { log, known, isOurs, me, now } = this.#options;
    for (let begin = 0; begin < snapshots.length; begin += BATCH) {
      log.commit((add) => {
        const { floor = Number.POSITIVE_INFINITY } = known.horizon;
        const circumstances = { floor: floor - graceMs, isOurs, me: me(), now: now() };
        for (const snapshot of snapshots.slice(begin, begin + BATCH)) {
          const before = known.get(snapshot.id);
          const { events, known: after } = observe(before, snapshot, circumstances);
          if (after !== undefined && (before === undefined || events.length > 0)) known.put(after);
          for (const event of events) add(event);
        }
      });
    }
  }

  /** An ack of a message; of one that is not known it is older than what counts. */
  ack(messageId: string, chatId: string, ack: Ack): void {
    const { log, known, me, now } = this.#options;
    const before = known.get(messageId);
    if (before === undefined || ack <= before.ack) return;
    log.commit((add) => {
      known.put({ ...before, ack });
      add(ackEvent(before, chatId, ack, me(), now()));
    });
  }

  call(call: IncomingCall): void {
    const { log, known } = this.#options;
    log.commit((add) => {
      if (known.addCall(call.id, call.timestamp)) add(callEvent(call));
    });
  }

  /** A change of the session's state; with it, when an account was linked. */
  transition(transition: Transition): void {
    const { log, known } = this.#options;
    log.commit((add) => {
      if (transition.from === 'Pairing' && transition.to !== 'Pairing') known.noteLinked(transition.at);
      add(sessionEvent(transition));
    });
  }

  /** The account that is connected now: of another one than before, history counts from its link on. */
  account(accountId: string, historyMs: number): void {
    const { log, known, now } = this.#options;
    const { accountId: before, linkedAt } = known.horizon;
    if (before === accountId) return;
    const floor = (linkedAt ?? now()) - CLOCK_MARGIN_MS - historyMs;
    log.commit(() => known.beginAccount(accountId, Math.floor(floor / 1000) * 1000));
  }

  /** History of a chat that was too long to be read. */
  unread(chat: string, read: number): void {
    const { log, now } = this.#options;
    log.commit((add) => add(gapEvent({ cause: 'history', chat, read }, now())));
  }

  settled(at: number): void {
    const { log, known } = this.#options;
    log.commit(() => known.noteSettled(at));
  }
}
