import { mergeReaction, mergeVote } from '../src/merge-addons.ts';
import type { Ack, FeedItem, WireMessage } from '../src/wire.ts';
import { noteReactions, noteVotes } from './addons.ts';
import type { Library } from './library.ts';
import { keyOfWire, type MsgModel } from './messages.ts';
import type { Outbox } from './outbox.ts';
import type { PageStorage } from './storage.ts';
import { Wid } from './wid.ts';

/** What incoming entries are applied to. */
export interface FeedTarget {
  readonly storage: PageStorage;
  readonly library: Library;
  readonly outbox: Outbox;
}

/** The model of a stored message, loaded into memory if need be; undefined when the page does not have it. */
async function modelOf(
  { storage, library }: FeedTarget,
  chat: string,
  id: string,
): Promise<MsgModel | undefined> {
  const stored = await storage.message(chat, id);
  if (stored === undefined) return undefined;
  const { messages } = await library.msgs.getMessagesById([keyOfWire(stored).toString()]);
  return messages[0];
}

/** Applies one entry: first to the database, then to memory, where the library hears of it. */
export async function applyFeedItem(target: FeedTarget, item: FeedItem): Promise<void> {
  switch (item.kind) {
    case 'message':
      await receive(target, item.message);
      return;
    case 'receipt':
      await applyReceipt(target, item.chat, item.id, item.ack);
      return;
    case 'edit': {
      const { content, at } = item;
      await target.storage.change(item.chat, item.id, (known) => ({ ...known, content, editedAt: at }));
      const model = await modelOf(target, item.chat, item.id);
      model?.set({
        latestEditSenderTimestampMs: at,
        ...(content.kind === 'media' ? { caption: content.media.caption ?? '' } : {}),
        ...(content.kind === 'text' ? { body: content.body } : {}),
      });
      return;
    }
    case 'revoke':
      await target.storage.change(item.chat, item.id, (known) => ({ ...known, revoked: true }));
      (await modelOf(target, item.chat, item.id))?.set({ type: 'revoked', body: '' });
      return;
    case 'reaction': {
      const { reaction } = item;
      await target.storage.change(item.chat, item.id, (known) => ({
        ...known,
        reactions: mergeReaction(known.reactions, reaction),
      }));
      const model = await modelOf(target, item.chat, item.id);
      if (model !== undefined) noteReactions(target.library, model, reaction);
      return;
    }
    case 'vote': {
      const { vote } = item;
      await target.storage.change(item.chat, item.id, (known) => ({
        ...known,
        votes: mergeVote(known.votes, vote),
      }));
      const model = await modelOf(target, item.chat, item.id);
      if (model !== undefined) await noteVotes(model, vote);
      return;
    }
    case 'group':
      await target.storage.write({ groups: [item.group] });
      target.library.addGroup(item.group);
  }
}

async function receive({ storage, library }: FeedTarget, message: WireMessage): Promise<void> {
  if ((await storage.message(message.chat, message.id)) !== undefined) return;
  const chat = library.openChat(message.chat, message.t);
  const unread = chat.unreadCount + (message.fromMe ? 0 : 1);
  await storage.write({
    messages: [message],
    chats: [{ ...library.toWireChat(chat), t: message.t, unread }],
  });
  if (!message.fromMe) await library.contacts.find(new Wid(message.author));
  library.showMessage(message, true);
  chat.set({ unreadCount: unread });
}

async function applyReceipt(target: FeedTarget, chat: string, id: string, ack: Ack): Promise<void> {
  const stored = await target.storage.message(chat, id);
  if (stored === undefined || stored.ack >= ack) return;
  // A receipt proves that the server has the message, even if its own answer got lost.
  if (stored.ack === 0) {
    await target.outbox.settle(stored, ack, Date.now());
    return;
  }
  await target.storage.change(chat, id, (known) => ({ ...known, ack }));
  target.library.msgs.get(keyOfWire(stored))?.set({ ack });
}
