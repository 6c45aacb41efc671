import { mergeReaction } from '../src/merge-addons.ts';
import type { WireReaction, WireVote } from '../src/wire.ts';
import type { Library } from './library.ts';
import { MsgKey } from './message-key.ts';
import type { MsgModel } from './messages.ts';
import { Wid } from './wid.ts';

/** A reaction as the page's table of reactions takes it. */
interface ReactionRow {
  readonly id: MsgKey;
  readonly reactionParentKey: MsgKey;
  readonly reactionText: string;
  /** Milliseconds since the epoch. */
  readonly reactionTimestamp: number;
  readonly author: Wid;
  readonly from: Wid;
  readonly orphan: 0;
  readonly read: boolean;
  readonly ack: number;
}

interface VoteRow {
  readonly id: MsgKey;
  readonly pollUpdateParentKey: MsgKey;
  readonly t: number;
  readonly senderTimestampMs: number;
  readonly selectedOptionLocalIds: readonly number[];
  readonly author: Wid;
  readonly from: Wid;
}

/** The library replaces `bulkUpsert` to hear of reactions; so the page has to call it through this object. */
export const reactionTableMode = { bulkUpsert: async (_rows: readonly ReactionRow[]): Promise<void> => {} };

/** Likewise for votes. */
export const pollVoteTableMode = { bulkUpsert: async (_rows: readonly VoteRow[]): Promise<void> => {} };

/** The votes on a poll as the page's table of votes gives them. */
export const voteRows = (parentMsgKey: string, votes: readonly WireVote[]): readonly object[] =>
  votes.map(({ sender, options, at }) => ({
    parentMsgKey,
    sender,
    selectedOptionLocalIds: options,
    senderTimestampMs: at,
  }));

const addonKey = (model: MsgModel, id: string, sender: Wid, own: string): MsgKey =>
  new MsgKey({
    fromMe: sender._serialized === own,
    remote: model.id.remote,
    id,
    participant: model.id.remote.isGroup() ? sender : undefined,
  });

/** Puts a reaction on its message and into the table. */
export function noteReactions(library: Library, model: MsgModel, reaction: WireReaction): void {
  const sender = new Wid(reaction.sender);
  model.reactions = mergeReaction(model.reactions, reaction);
  model.set({ hasReaction: model.reactions.length > 0 });
  void reactionTableMode.bulkUpsert([
    {
      id: addonKey(model, reaction.id, sender, library.me.jid),
      reactionParentKey: model.id,
      reactionText: reaction.emoji,
      reactionTimestamp: reaction.at,
      author: sender,
      from: sender,
      orphan: 0,
      read: false,
      ack: 2,
    },
  ]);
}

/** Puts a vote into the table. */
export async function noteVotes(model: MsgModel, vote: WireVote): Promise<void> {
  const sender = new Wid(vote.sender);
  await pollVoteTableMode.bulkUpsert([
    {
      id: addonKey(model, vote.id, sender, ''),
      pollUpdateParentKey: model.id,
      t: vote.at,
      senderTimestampMs: vote.at,
      selectedOptionLocalIds: vote.options,
      author: sender,
      from: sender,
    },
  ]);
}

/** A message's reactions grouped by emoji, as the library hands them to its users. */
export function groupReactions(library: Library, model: MsgModel): readonly unknown[] {
  const groups = Map.groupBy(model.reactions, ({ emoji }) => emoji);
  return [...groups].map(([emoji, reactions]) => ({
    id: emoji,
    aggregateEmoji: emoji,
    hasReactionByMe: reactions.some(({ sender }) => sender === library.me.jid),
    senders: reactions.map((reaction) => ({
      msgKey: addonKey(model, reaction.id, new Wid(reaction.sender), library.me.jid),
      parentMsgKey: model.id,
      reactionText: reaction.emoji,
      timestamp: reaction.at,
      senderUserJid: reaction.sender,
      orphan: 0,
      read: true,
    })),
  }));
}
