import type { DatabaseSync } from 'node:sqlite';
import type { FaultRegistry } from '../faults/registry.ts';
import type { LedgerKind } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Random } from '../random.ts';
import type { AccountStore } from '../store/accounts.ts';
import type { FeedStore, OriginatedEntry } from '../store/feed.ts';
import type { MessageStore } from '../store/messages.ts';
import type { Timing } from '../timing.ts';
import type { Ack, FeedItem, Jid } from '../wire.ts';
import { isGroup, userJid } from './ids.ts';

/** Told what linked pages have to hear. */
export interface WorldListener {
  /** An account's feed has a new entry. */
  readonly onFeed: (account: string, entry: OriginatedEntry) => void;
  /** The server has a message that a device of the account sent (ack 1). */
  readonly onSent: (account: string, chat: Jid, id: string, ack: Ack) => void;
}

/** What every part of the world works with. */
export interface WorldContext {
  readonly database: DatabaseSync;
  readonly accounts: AccountStore;
  readonly messages: MessageStore;
  readonly feed: FeedStore;
  readonly ledger: Ledger;
  readonly faults: FaultRegistry;
  readonly random: Random;
  readonly now: () => number;
  readonly timing: () => Timing;
  readonly listener: WorldListener;
}

/** The same chat as another account of this sandbox sees it. */
export interface Mirror {
  readonly account: string;
  readonly chat: Jid;
}

/** The other accounts of this sandbox that take part in a chat of `account`. */
export function mirrorsOf(context: WorldContext, account: string, chat: Jid): readonly Mirror[] {
  const members = isGroup(chat) ? (context.messages.findGroup(chat)?.participants ?? []) : [chat];
  return members
    .filter((jid) => jid !== userJid(account))
    .flatMap((jid) => {
      const other = context.accounts.find(jid.slice(0, jid.indexOf('@')));
      if (other === undefined) return [];
      return [{ account: other.number, chat: isGroup(chat) ? chat : userJid(account) }];
    });
}

/** Writes one ledger line, stamped with the time. */
export function record(
  context: WorldContext,
  kind: LedgerKind,
  line: {
    readonly account: string;
    readonly chat: Jid;
    readonly id: string;
    readonly device?: string | null;
    readonly detail?: string | null;
  },
): void {
  const { account, chat, id, device = null, detail = null } = line;
  context.ledger.append({ at: context.now(), account, chat, kind, id, device, detail });
}

/** Appends to an account's feed and tells whoever listens. */
export function publish(context: WorldContext, account: string, item: FeedItem, origin: string | null): void {
  context.listener.onFeed(account, context.feed.append(account, item, origin));
}
