import type { MessageStatus } from '@whatsapp-operator/api/session';
import { messageStatus } from '@whatsapp-operator/api/session';
import type { Logger } from 'pino';
import type { AckLabel, Counters } from '../store/counters.ts';
import type { Database } from '../store/database.ts';
import type { Message } from './message.ts';
import { isGivenUp, isOpen, rank } from './proof.ts';
import { MessageRows, type NewMessage } from './rows.ts';

/** A message as it was and as it becomes. */
export interface Change {
  readonly before: Message;
  readonly after: Message;
}

export interface JournalOptions {
  readonly database: Database;
  readonly counters: Counters;
  readonly log: Pick<Logger, 'info' | 'debug'>;
}

/**
 * The one place where messages change: on disk first, together with everything that is counted about it, then in
 * memory, then for those who listen.
 *
 * Guarantees: after `commit` or `add` the change is on disk; when they throw, nothing has changed anywhere.
 */
export class Journal {
  readonly rows: MessageRows;
  readonly #options: JournalOptions;
  readonly #counts = new Map<MessageStatus, number>();
  readonly #listeners: ((change: Change) => void)[] = [];

  constructor(options: JournalOptions) {
    this.#options = options;
    this.rows = new MessageRows(options.database);
    for (const [status, count] of this.rows.countByStatus()) this.#counts.set(status, count);
  }

  /** Called after each change is on disk. Must not throw. */
  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  /** @throws Failure<StorageFailureCode> */
  add(fresh: NewMessage): Message {
    const message = this.#options.database.transaction(() => {
      this.#options.counters.increment('acceptedMessages', {});
      return this.rows.insert(fresh);
    });
    this.#count(message.status, 1);
    this.#options.log.info(
      { message: message.id, type: message.type, status: message.status },
      'message accepted',
    );
    return message;
  }

  /**
   * Commits changes together; those that change nothing are left out.
   *
   * @param alongside more to write in the same transaction
   * @throws Failure<StorageFailureCode>
   */
  commit(changes: readonly Change[], alongside?: () => void): void {
    const real = changes.filter(({ before, after }) => before !== after);
    if (real.length === 0 && alongside === undefined) return;
    this.#options.database.transaction(() => {
      for (const change of real) {
        this.rows.update(change.before, change.after);
        countChange(change, this.#options.counters);
      }
      alongside?.();
    });
    for (const change of real) this.#settle(change);
  }

  /** Deletes what ended long enough ago; says how many. @throws Failure<StorageFailureCode> */
  prune(endedBefore: number, keyedAcceptedBefore: number, limit: number): number {
    const statuses = this.#options.database.transaction(() =>
      this.rows.prune(endedBefore, keyedAcceptedBefore, limit),
    );
    for (const status of statuses) this.#count(status, -1);
    return statuses.length;
  }

  countsByStatus(): Readonly<Record<MessageStatus, number>> {
    return Object.fromEntries(
      messageStatus.options.map((status) => [status, this.#counts.get(status) ?? 0]),
    ) as Record<MessageStatus, number>;
  }

  #settle(change: Change): void {
    const { before, after } = change;
    const retry = after.attempts.slice(before.attempts.length).find(({ reason }) => reason !== 'first');
    if (retry !== undefined) {
      this.#options.log.info(
        {
          message: after.id,
          attempt: retry.number,
          reason: retry.reason,
          lastOutcome: before.attempts.at(-1)?.outcome,
        },
        'message tried again',
      );
    }
    if (before.status !== after.status) {
      this.#count(before.status, -1);
      this.#count(after.status, 1);
      this.#options.log.info(
        {
          message: after.id,
          from: before.status,
          to: after.status,
          attempts: after.attempts.length,
          outcome: after.outcome?.code,
        },
        'message moved',
      );
    } else {
      this.#options.log.debug(
        {
          message: after.id,
          status: after.status,
          ack: after.ack,
          attempt: after.attempts.at(-1)?.number,
          outcome: after.attempts.at(-1)?.outcome,
        },
        'message changed',
      );
    }
    for (const listener of this.#listeners) listener(change);
  }

  #count(status: MessageStatus, by: number): void {
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + by);
  }
}

const ACK_TIMES: readonly (readonly [AckLabel, 'sentAt' | 'deliveredAt' | 'readAt'])[] = [
  ['server', 'sentAt'],
  ['device', 'deliveredAt'],
  ['read', 'readAt'],
];

/** Everything that is counted about messages follows from what changed in them. */
function countChange({ before, after }: Change, counters: Counters): void {
  for (const attempt of after.attempts) {
    const known = before.attempts.find(({ number }) => number === attempt.number);
    if (known === undefined && attempt.reason !== 'first') {
      counters.increment('sendRetries', { reason: attempt.reason });
    }
    if (known?.outcome === undefined && attempt.outcome !== undefined) {
      counters.increment('sendAttempts', { outcome: attempt.outcome });
    }
  }
  countEnd(before, after, counters);
  for (const [ack, time] of ACK_TIMES) {
    const at = after[time];
    if (before[time] !== undefined || at === undefined) continue;
    counters.observe('ackSeconds', { ack }, Math.max(0, at - after.acceptedAt) / 1000);
  }
}

type GivenUp = 'failed' | 'expired' | 'cancelled' | 'unknown';

function countEnd(before: Message, after: Message, counters: Counters): void {
  if (before.status === after.status) return;
  if (isOpen(before) && isGivenUp(after)) {
    counters.increment('endedMessages', { status: after.status as GivenUp });
    if (after.outcome !== undefined) counters.increment('outcomes', { code: after.outcome.code });
  }
  if (rank(before.status) === 0 && rank(after.status) > 0) {
    counters.increment('endedMessages', { status: 'sent' });
    if (isGivenUp(before)) counters.increment('correctedMessages', { status: before.status as GivenUp });
  }
}
