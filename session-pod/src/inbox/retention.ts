/** What is pruned from the log. Pure. */
export interface Holdings {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  /** The newest event that is older than the retention allows; less than `first` when there is none. */
  readonly lastExpired: number;
  /** The last event that every enabled webhook is done with; undefined when there is no webhook. */
  readonly doneWith: number | undefined;
}

export interface Pruning {
  /** Everything up to here may go. */
  readonly upTo: number;
  /** A webhook still needed some of it. */
  readonly gap: boolean;
}

/** Events that go in one step, so that nobody waits long for the database. */
export const PRUNE_BATCH = 500;

/**
 * By age only what nobody needs any more; by size the oldest, whoever needs them: the log stays bounded, and says
 * what is missing. Undefined: nothing goes.
 */
export function pruning(holdings: Holdings, maxBytes: number): Pruning | undefined {
  const { first, last, bytes, lastExpired, doneWith = last } = holdings;
  if (bytes > maxBytes) {
    // In proportion, which comes out right within a few steps whatever the sizes are.
    const share = Math.ceil(((last - first + 1) * (bytes - maxBytes)) / bytes);
    const upTo = Math.min(first + Math.max(share, 1) - 1, first + PRUNE_BATCH - 1, last);
    return { upTo, gap: upTo > doneWith };
  }
  const upTo = Math.min(lastExpired, doneWith, first + PRUNE_BATCH - 1);
  return upTo >= first ? { upTo, gap: false } : undefined;
}
