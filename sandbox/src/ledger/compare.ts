import type { LedgerEntry } from './entry.ts';

/** One message at one place in one chat's order. `key` says which messages are the same: an id, or a text. */
export interface Sighting {
  readonly chat: string;
  readonly key: string;
}

export interface Difference extends Sighting {
  /** How often it was expected, and how often it was seen. */
  readonly expected: number;
  readonly seen: number;
}

/** What differs between what should have arrived and what did. All four empty: nothing lost, doubled or moved. */
export interface Comparison {
  readonly lost: readonly Difference[];
  readonly duplicated: readonly Difference[];
  /** Seen and never expected at all. */
  readonly unexpected: readonly Difference[];
  /** The fewest messages of a chat that would have to move for its order to be right. */
  readonly reordered: readonly Sighting[];
}

const groupByChat = (sightings: readonly Sighting[]): Map<string, Sighting[]> =>
  Map.groupBy(sightings, ({ chat }) => chat);

const countKeys = (sightings: readonly Sighting[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { key } of sightings) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};

/** The indexes of a longest rising run (not necessarily adjacent) within `values`. */
function longestRising(values: readonly number[]): ReadonlySet<number> {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [index, value] of values.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? (tails[low - 1] ?? -1) : -1;
    tails[low] = index;
  }
  const kept = new Set<number>();
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) kept.add(index);
  return kept;
}

/** Which first sightings stand out of the expected order. */
function findReordered(expected: readonly Sighting[], seen: readonly Sighting[]): readonly Sighting[] {
  const position = new Map<string, number>();
  for (const { key } of expected) if (!position.has(key)) position.set(key, position.size);
  const known = new Set<string>();
  const order = seen.filter(
    ({ key }) => position.has(key) && !known.has(key) && known.add(key) !== undefined,
  );
  const kept = longestRising(order.map(({ key }) => position.get(key) ?? 0));
  return order.filter((_, index) => !kept.has(index));
}

/** Every key of one chat whose count is not as expected. */
function countDifferences(
  chat: string,
  wanted: readonly Sighting[],
  got: readonly Sighting[],
): readonly Difference[] {
  const wantedCounts = countKeys(wanted);
  const gotCounts = countKeys(got);
  return [...new Set([...wantedCounts.keys(), ...gotCounts.keys()])]
    .map((key) => ({ chat, key, expected: wantedCounts.get(key) ?? 0, seen: gotCounts.get(key) ?? 0 }))
    .filter(({ expected, seen }) => expected !== seen);
}

/**
 * Compares what should have arrived, in order, with what did. Order counts within a chat only. A key that was
 * expected n times may be seen n times (two messages may have the same text).
 */
export function compareSightings(expected: readonly Sighting[], seen: readonly Sighting[]): Comparison {
  const expectedByChat = groupByChat(expected);
  const seenByChat = groupByChat(seen);
  const chats = [...new Set([...expectedByChat.keys(), ...seenByChat.keys()])].map((chat) => ({
    chat,
    wanted: expectedByChat.get(chat) ?? [],
    got: seenByChat.get(chat) ?? [],
  }));
  const differences = chats.flatMap(({ chat, wanted, got }) => countDifferences(chat, wanted, got));
  return {
    lost: differences.filter((difference) => difference.seen < difference.expected),
    duplicated: differences.filter(({ expected: wanted, seen: got }) => wanted > 0 && got > wanted),
    unexpected: differences.filter((difference) => difference.expected === 0),
    reordered: chats.flatMap(({ wanted, got }) => findReordered(wanted, got)),
  };
}

/** By id: is every message there, once? By text: did a retry under a new id double one? */
export type CompareBy = 'id' | 'text';

const sightings = (
  entries: readonly LedgerEntry[],
  kinds: readonly string[],
  by: CompareBy,
): readonly Sighting[] =>
  entries
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ account, chat, id, detail }) => ({
      chat: `${account} ${chat}`,
      key: by === 'id' ? id : (detail ?? ''),
    }));

/** Whether two ledgers recorded the same deliveries in the same order: `expected` is the one to trust. */
export function compareLedgers(
  expected: readonly LedgerEntry[],
  seen: readonly LedgerEntry[],
  by: CompareBy,
): Comparison {
  const kinds = ['delivered', 'received'];
  return compareSightings(sightings(expected, kinds, by), sightings(seen, kinds, by));
}

/** Whether one ledger is sound in itself: accepted against delivered, injected against received. */
export function auditLedger(entries: readonly LedgerEntry[]): {
  readonly outbound: Comparison;
  readonly inbound: Comparison;
} {
  return {
    outbound: compareSightings(
      sightings(entries, ['accepted'], 'id'),
      sightings(entries, ['delivered'], 'id'),
    ),
    inbound: compareSightings(sightings(entries, ['injected'], 'id'), sightings(entries, ['received'], 'id')),
  };
}

/** True when a comparison found nothing. */
export const isSound = (comparison: Comparison): boolean =>
  comparison.lost.length +
    comparison.duplicated.length +
    comparison.unexpected.length +
    comparison.reordered.length ===
  0;
