import type { Deadlines } from './deadlines.ts';

/**
 * How long to wait before the next browser, and when to stop believing in this process. Pure: time and randomness
 * come in, a new book comes out.
 */
export interface RecoveryBook {
  /** When each counted recovery happened, within the window. */
  readonly counted: readonly number[];
  /** In a row, without a stable time between. */
  readonly inARow: number;
  readonly gentleInARow: number;
  readonly outagesInARow: number;
}

export const emptyBook: RecoveryBook = { counted: [], inARow: 0, gentleInARow: 0, outagesInARow: 0 };

/** What kind of trouble a recovery answers. */
export type RecoveryKind =
  /** The fault is in this pod: counted against the budget. */
  | 'counted'
  /** The cause lies outside or with the disk: slow, and never counted. */
  | 'gentle'
  /** WhatsApp cannot be reached by a page that is fine: a fresh browser after longer and longer patience. */
  | 'outage';

export interface RecoveryPlan {
  readonly book: RecoveryBook;
  /** When the next browser may begin. */
  readonly at: number;
  /** The budget is used up: somebody outside should restart the process. */
  readonly exhausted: boolean;
}

const doubled = (base: number, times: number, most: number): number => Math.min(most, base * 2 ** times);

/** Plans the recovery after a fault at `now`; `random` is from 0 up to, not including, 1. */
export function planRecovery(
  book: RecoveryBook,
  kind: RecoveryKind,
  now: number,
  random: number,
  limits: Deadlines,
): RecoveryPlan {
  switch (kind) {
    case 'outage':
      return { book: { ...book, outagesInARow: book.outagesInARow + 1 }, at: now, exhausted: false };
    case 'gentle': {
      const ceiling = doubled(limits.gentleBaseMs, book.gentleInARow + 1, limits.gentleMaxMs);
      const pause = Math.max(limits.gentleBaseMs, random * ceiling);
      return {
        book: { ...book, gentleInARow: book.gentleInARow + 1 },
        at: now + Math.round(pause),
        exhausted: false,
      };
    }
    case 'counted':
      return planCounted(book, now, random, limits);
  }
}

function planCounted(book: RecoveryBook, now: number, random: number, limits: Deadlines): RecoveryPlan {
  const recent = book.counted.filter((at) => now - at < limits.recoveryWindowMs);
  const [oldest] = recent;
  if (oldest !== undefined && recent.length >= limits.recoveryLimit) {
    // Where nothing restarts the process from outside, it goes on once the window has moved.
    return { book: { ...book, counted: recent }, at: oldest + limits.recoveryWindowMs, exhausted: true };
  }
  const ceiling =
    book.inARow === 0 ? 0 : doubled(limits.recoveryBaseMs, book.inARow - 1, limits.recoveryMaxMs);
  return {
    book: { ...book, counted: [...recent, now], inARow: book.inARow + 1 },
    at: now + Math.round(random * ceiling),
    exhausted: false,
  };
}

/** How long a page may try by itself to reach WhatsApp. */
export const outagePatience = (book: RecoveryBook, limits: Deadlines): number =>
  doubled(limits.outageMs, book.outagesInARow, limits.outageMaxMs);

/** After a stable time: pauses begin small again; the budget's window goes on counting. */
export const afterStability = (book: RecoveryBook): RecoveryBook => ({ ...emptyBook, counted: book.counted });
