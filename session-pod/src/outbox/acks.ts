import type { Clock } from '../clock.ts';
import type { Ack } from '../engine/engine.ts';
import type { WriteGuard } from './guard.ts';
import type { Change, Journal } from './journal.ts';
import { pinnedIdOf } from './pinned-id.ts';
import { isOpen } from './proof.ts';
import type { Schedule } from './schedule.ts';
import type { OutboxSettings } from './settings.ts';
import { found } from './transition.ts';

export interface AcksOptions {
  readonly journal: Journal;
  readonly schedule: Schedule;
  readonly guard: WriteGuard;
  readonly settings: OutboxSettings;
  readonly clock: Clock;
  /** Called after acknowledgements of the server or better were written. */
  readonly acknowledged: () => void;
  /** Called when a hint needs the page to be asked. */
  readonly wake: () => void;
}

interface Hint {
  readonly ack: Ack;
  readonly whatsappId: string;
}

/** Acknowledgements that come close together are committed together. Milliseconds. */
const GATHER_MS = 10;
/** More hints than this are dropped while the disk takes nothing; the page is asked later. */
const MAX_HINTS = 10_000;

/**
 * Takes the page's hints about acknowledgements. A hint may be lost, late, or doubled: it moves a message forward and
 * never back, and what it does not say the page is asked for.
 */
export class Acks {
  readonly #options: AcksOptions;
  readonly #hints = new Map<string, Hint>();
  #scheduled = false;

  constructor(options: AcksOptions) {
    this.#options = options;
  }

  readonly hint = (whatsappId: string, ack: Ack): void => {
    const id = pinnedIdOf(whatsappId);
    if (id === undefined || (this.#hints.size >= MAX_HINTS && !this.#hints.has(id))) return;
    if (ack === -1) this.#askAgain(id);
    const known = this.#hints.get(id);
    if (known !== undefined && known.ack >= ack) return;
    this.#hints.set(id, { ack, whatsappId });
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.clock.after(GATHER_MS, this.flush);
  };

  /** Writes what has been gathered. */
  readonly flush = (): void => {
    this.#scheduled = false;
    const hints = [...this.#hints];
    if (hints.length === 0) return;
    this.#hints.clear();
    let acknowledged = false;
    this.#options.guard.persist(
      () => {
        const changes = hints.flatMap(([id, hint]) => this.#change(id, hint));
        this.#options.journal.commit(changes);
        acknowledged = changes.length > 0 && hints.some(([, { ack }]) => ack >= 1);
      },
      () => {
        if (acknowledged) this.#options.acknowledged();
      },
    );
  };

  #change(id: string, { ack, whatsappId }: Hint): Change[] {
    const { journal, schedule, settings, clock } = this.#options;
    const before = schedule.entries.get(id)?.entry.message ?? journal.rows.byId(id);
    if (before === undefined) return [];
    const known = before.whatsappId === undefined ? { ...before, whatsappId } : before;
    const after = ack >= 1 ? found(known, ack, settings, clock.now(), 0) : known;
    return before === after ? [] : [{ before, after }];
  }

  /** The page gave up on a message: what it says now is what counts. */
  #askAgain(id: string): void {
    const { schedule, wake } = this.#options;
    const known = schedule.entries.get(id);
    if (known === undefined || known.entry.busy || !isOpen(known.entry.message)) return;
    known.entry.finding = undefined;
    known.entry.askAt = 0;
    schedule.note(known.entry);
    schedule.touch(known.chat);
    wake();
  }
}
