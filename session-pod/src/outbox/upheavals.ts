import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { WriteGuard } from './guard.ts';
import type { Journal } from './journal.ts';
import type { Message } from './message.ts';
import { isProvenUnsent } from './proof.ts';
import type { Schedule } from './schedule.ts';
import type { SessionWatch } from './session-watch.ts';
import type { OutboxSettings } from './settings.ts';
import { doubt, giveUp, interrupt } from './transition.ts';

export interface UpheavalsOptions {
  readonly store: Pick<Store, 'folder' | 'accountId' | 'setAccountId'>;
  readonly journal: Journal;
  readonly schedule: Schedule;
  readonly session: SessionWatch;
  readonly guard: WriteGuard;
  readonly settings: OutboxSettings;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

/** A file of this name in the data folder says that the folder was restored from a copy. */
const RESTORED_MARK = 'restored';

/** What changes the standing of every open message at once: a crash, a restored copy, a lost or another account. */
export class Upheavals {
  readonly #options: UpheavalsOptions;

  constructor(options: UpheavalsOptions) {
    this.#options = options;
  }

  /** Attempts whose outcome never reached the disk are over, and nothing is known of them. */
  processEnded(): void {
    const { journal, clock } = this.#options;
    const now = clock.now();
    journal.commit(
      journal.rows.withOpenAttempt().map((before) => ({ before, after: interrupt(before, now) })),
    );
  }

  /** A restored copy takes for unsent what was sent after it was made: whoever restores it leaves a mark. */
  folderRestored(): void {
    const { store, journal, clock, log } = this.#options;
    const mark = join(store.folder, RESTORED_MARK);
    if (!existsSync(mark)) return;
    const now = clock.now();
    const open = journal.rows.open();
    journal.commit(open.map((before) => ({ before, after: doubt(before, now) })));
    rmSync(mark);
    log.warn(
      { messages: open.length },
      'the data folder was restored: every open message is asked for first',
    );
  }

  /** The device is unlinked: the page that could have proven something is gone, and its successor knows nothing. */
  deviceUnlinked(done: () => void): void {
    const { journal, guard, settings, clock } = this.#options;
    const now = clock.now();
    const detail = 'the device was unlinked before it was known whether the message was sent';
    const end = (message: Message) => giveUp(message, 'unknown', 'logged_out', detail, settings, now);
    guard.persist(() => {
      const lost = this.#openMessages().filter((message) => !isProvenUnsent(message));
      journal.commit(lost.map((before) => ({ before, after: end(before) })));
    }, done);
  }

  /**
   * Messages were accepted to be sent from one account, and must not leave from another.
   *
   * @throws Failure<StorageFailureCode>
   */
  accountLinked(): void {
    const { store, journal, session, settings, clock } = this.#options;
    const { accountId } = session;
    const { accountId: before } = store;
    if (accountId === undefined || accountId === before) return;
    const now = clock.now();
    const open = before === undefined ? [] : this.#openMessages();
    const detail = 'another account was linked than the one that the message was accepted for';
    const end = (message: Message) =>
      giveUp(
        message,
        isProvenUnsent(message) ? 'failed' : 'unknown',
        'account_changed',
        detail,
        settings,
        now,
      );
    journal.commit(
      open.map((message) => ({ before: message, after: end(message) })),
      () => store.setAccountId(accountId),
    );
  }

  #openMessages(): readonly Message[] {
    return [...this.#options.schedule.entries.values()].map(({ entry }) => entry.message);
  }
}
