import type { WireReaction, WireVote } from './wire.ts';

const replaceOf = <T extends { readonly sender: string }>(
  known: readonly T[] | undefined,
  latest: T,
): readonly T[] => [...(known ?? []).filter(({ sender }) => sender !== latest.sender), latest];

/** A message's reactions after one more: a person has one, and none after taking it back (an empty emoji). */
export const mergeReaction = (
  known: readonly WireReaction[] | undefined,
  latest: WireReaction,
): readonly WireReaction[] => replaceOf(known, latest).filter(({ emoji }) => emoji !== '');

/** A poll's votes after one more: a person's latest counts, also when it is for nothing. */
export const mergeVote = (known: readonly WireVote[] | undefined, latest: WireVote): readonly WireVote[] =>
  replaceOf(known, latest);
