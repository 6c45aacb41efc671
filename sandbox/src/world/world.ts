import type { DatabaseSync } from 'node:sqlite';
import type { FaultRegistry } from '../faults/registry.ts';
import { Ledger } from '../ledger/ledger.ts';
import { type OnMark, unwatched } from '../live/mark.ts';
import type { Random } from '../random.ts';
import { AccountStore } from '../store/accounts.ts';
import { FeedStore } from '../store/feed.ts';
import { MessageStore } from '../store/messages.ts';
import type { Timing } from '../timing.ts';
import { Changes } from './changes.ts';
import type { WorldContext, WorldListener } from './context.ts';
import { People } from './people.ts';
import { Traffic } from './traffic.ts';

/** What a world is made from. */
export interface WorldParts {
  readonly database: DatabaseSync;
  readonly faults: FaultRegistry;
  readonly random: Random;
  readonly now: () => number;
  readonly timing: () => Timing;
  readonly listener: WorldListener;
  /** Told of every write; nobody by default. */
  readonly onMark?: OnMark;
}

/** The accounts, their chats and their ledger: everything behind the socket. */
export interface World extends WorldContext {
  readonly people: People;
  readonly traffic: Traffic;
  readonly changes: Changes;
}

export function createWorld({ onMark = unwatched, ...parts }: WorldParts): World {
  const context: WorldContext = {
    ...parts,
    accounts: new AccountStore(parts.database, onMark),
    messages: new MessageStore(parts.database, onMark),
    feed: new FeedStore(parts.database),
    ledger: new Ledger(parts.database, onMark),
  };
  return {
    ...context,
    people: new People(context),
    traffic: new Traffic(context),
    changes: new Changes(context),
  };
}
