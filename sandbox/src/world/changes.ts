import { SandboxError } from '../errors.ts';
import { mergeReaction, mergeVote } from '../merge-addons.ts';
import { transaction } from '../store/database.ts';
import type { FeedItem, Jid, WireMessage, WireReaction, WireVote } from '../wire.ts';
import { mirrorsOf, publish, record, type WorldContext } from './context.ts';
import { reworded } from './describe-content.ts';
import { phoneMessageId } from './ids.ts';

/** Which message is changed, by whom, and from which linked device (null: from a phone). */
export interface ChangeTarget {
  readonly account: string;
  readonly chat: Jid;
  readonly id: string;
  readonly by: Jid;
  readonly device: string | null;
}

/**
 * What happens to messages after they were sent: edits, revokes, reactions, votes. Each change is stored with
 * the message, recorded, and told to every account of this sandbox that has the chat.
 */
export class Changes {
  readonly #context: WorldContext;

  constructor(context: WorldContext) {
    this.#context = context;
  }

  /** Replaces the words of a message; returns when, in milliseconds since the epoch. */
  edit(target: ChangeTarget, body: string): { readonly at: number } {
    const at = this.#context.now();
    this.#everywhere(
      target,
      (message) => ({ ...message, content: reworded(message.content, body), editedAt: at }),
      ({ chat, id, content }) => ({ kind: 'edit', chat, id, content, at }),
    );
    record(this.#context, 'edited', { ...target, detail: body });
    return { at };
  }

  /** Deletes a message for everyone. */
  revoke(target: ChangeTarget): void {
    this.#everywhere(
      target,
      (message) => ({ ...message, content: { kind: 'text', body: '' }, revoked: true }),
      ({ chat, id }) => ({ kind: 'revoke', chat, id }),
    );
    record(this.#context, 'revoked', target);
  }

  /** Sets (or with an empty emoji takes back) a person's reaction. */
  react(target: ChangeTarget, emoji: string): WireReaction {
    const reaction: WireReaction = {
      id: phoneMessageId(this.#context.random),
      sender: target.by,
      emoji,
      at: this.#context.now(),
    };
    this.#everywhere(
      target,
      (message) => ({
        ...message,
        reactions: mergeReaction(message.reactions, reaction),
      }),
      ({ chat, id }) => ({ kind: 'reaction', chat, id, reaction }),
    );
    record(this.#context, 'reacted', { ...target, detail: emoji });
    return reaction;
  }

  /** Sets a person's vote in a poll. Throws NOT_A_POLL and OPTION_UNKNOWN. */
  vote(target: ChangeTarget, options: readonly number[]): WireVote {
    const { content } = this.#context.messages.get(target.account, target.chat, target.id);
    if (content.kind !== 'poll') throw new SandboxError('NOT_A_POLL', `message ${target.id} is not a poll`);
    const unknown = options.find((option) => content.options[option] === undefined);
    if (unknown !== undefined) throw new SandboxError('OPTION_UNKNOWN', `the poll has no option ${unknown}`);
    const vote: WireVote = {
      id: phoneMessageId(this.#context.random),
      sender: target.by,
      options,
      at: this.#context.now(),
    };
    this.#everywhere(
      target,
      (message) => ({
        ...message,
        votes: mergeVote(message.votes, vote),
      }),
      ({ chat, id }) => ({ kind: 'vote', chat, id, vote }),
    );
    record(this.#context, 'voted', { ...target, detail: JSON.stringify(options) });
    return vote;
  }

  #everywhere(
    target: ChangeTarget,
    change: (message: WireMessage) => WireMessage,
    describe: (changed: WireMessage) => FeedItem,
  ): void {
    const { database, messages } = this.#context;
    transaction(database, () => {
      const changed = change(messages.get(target.account, target.chat, target.id));
      messages.replace(target.account, changed);
      publish(this.#context, target.account, describe(changed), target.device);
      for (const mirror of mirrorsOf(this.#context, target.account, target.chat)) {
        const copy = messages.find(mirror.account, mirror.chat, target.id);
        if (copy === undefined) continue;
        const changedCopy = change(copy);
        messages.replace(mirror.account, changedCopy);
        publish(this.#context, mirror.account, describe(changedCopy), null);
      }
    });
  }
}
