import type { LiveEvent } from '../control/live-event.ts';
import type { Mark } from './mark.ts';
import { Subscription } from './subscription.ts';

/** Reads the present state of what was marked. Undefined: it is not there (any more). */
export interface LiveSource {
  readonly read: (mark: Exclude<Mark, { kind: 'ledger' }>) => LiveEvent | undefined;
  /** Ledger entries behind a position. */
  readonly ledgerAfter: (seq: number) => Iterable<Extract<LiveEvent, { kind: 'ledger' }>['entry']>;
  readonly ledgerEnd: () => number;
}

interface Reader {
  readonly account: string | null;
  readonly subscription: Subscription<LiveEvent>;
}

const keyOf = (mark: Mark): string => JSON.stringify(mark);

/** The account whose chats and ledger an event is about; null for what every watcher hears. */
function accountOf(event: LiveEvent): string | null {
  switch (event.kind) {
    case 'chat':
    case 'message':
      return event.account;
    case 'ledger':
      return event.entry.account;
    case 'hello':
    case 'account':
    case 'group':
    case 'links':
    case 'faults':
      return null;
  }
}

/**
 * Tells watchers what changes.
 *
 * A mark says only where to look; the state is read once the writing code has ended, so nothing is told of a
 * transaction that fails, and ten changes of one message in one go are one event. What a watcher reads after its
 * `hello` together with the events behind it is complete. Without watchers a mark costs nothing.
 */
export class LiveFeed {
  readonly #source: LiveSource;
  readonly #readers = new Set<Reader>();
  readonly #marks = new Map<string, Mark>();
  #ledgerTold = 0;
  #flushing: NodeJS.Immediate | undefined;

  constructor(source: LiveSource) {
    this.#source = source;
  }

  mark(mark: Mark): void {
    if (this.#readers.size === 0) return;
    this.#marks.set(keyOf(mark), mark);
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  /**
   * Begins with `hello`.
   *
   * @param account chats, messages and ledger of this account only; null is those of all
   */
  subscribe(account: string | null): Subscription<LiveEvent> {
    if (this.#readers.size === 0) this.#ledgerTold = this.#source.ledgerEnd();
    else this.#flush();
    const subscription = new Subscription<LiveEvent>(() => this.#readers.delete(reader));
    const reader: Reader = { account, subscription };
    this.#readers.add(reader);
    subscription.push({ kind: 'hello', ledger: this.#ledgerTold });
    return subscription;
  }

  stop(): void {
    clearImmediate(this.#flushing);
    for (const { subscription } of this.#readers) subscription.close();
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const marks = [...this.#marks.values()];
    this.#marks.clear();
    for (const mark of marks) {
      if (mark.kind === 'ledger') this.#tellLedger();
      else this.#tell(this.#source.read(mark));
    }
  }

  #tellLedger(): void {
    for (const entry of this.#source.ledgerAfter(this.#ledgerTold)) {
      this.#ledgerTold = entry.seq;
      this.#tell({ kind: 'ledger', entry });
    }
  }

  #tell(event: LiveEvent | undefined): void {
    if (event === undefined) return;
    const account = accountOf(event);
    for (const reader of this.#readers) {
      if (account === null || reader.account === null || reader.account === account) {
        reader.subscription.push(event);
      }
    }
  }
}
