import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LiveEvent } from '../control/live-event.ts';
import type { LedgerEntry } from '../ledger/entry.ts';
import { LiveFeed } from './live-feed.ts';
import type { Subscription } from './subscription.ts';

const entry = (seq: number, account: string): LedgerEntry => ({
  seq,
  at: 0,
  account,
  chat: 'c',
  kind: 'read',
  id: 'A',
  device: null,
  detail: null,
});

function world() {
  const ledger: LedgerEntry[] = [];
  const unread = new Map<string, number>();
  let reads = 0;
  const feed = new LiveFeed({
    ledgerAfter: (seq) => ledger.filter((one) => one.seq > seq),
    ledgerEnd: () => ledger.length,
    read: (mark) => {
      reads += 1;
      if (mark.kind !== 'chat') return undefined;
      const known = unread.get(mark.jid);
      if (known === undefined) return undefined;
      const chat = { jid: mark.jid, name: '', t: 0, unread: known, last: null };
      return { kind: 'chat', account: mark.account, chat };
    },
  });
  const append = (account: string) => {
    ledger.push(entry(ledger.length + 1, account));
    feed.mark({ kind: 'ledger' });
  };
  const write = (account: string, jid: string, value: number) => {
    unread.set(jid, value);
    feed.mark({ kind: 'chat', account, jid });
  };
  return { feed, append, write, reads: () => reads };
}

/** What was told so far, in short. */
async function told(subscription: Subscription<LiveEvent>): Promise<readonly string[]> {
  await setImmediate();
  subscription.push({ kind: 'faults', faults: [] });
  const lines: string[] = [];
  for await (const event of subscription) {
    if (event.kind === 'faults') break;
    if (event.kind === 'hello') lines.push(`hello ${event.ledger}`);
    if (event.kind === 'chat') lines.push(`${event.account} ${event.chat.jid} ${event.chat.unread}`);
    if (event.kind === 'ledger') lines.push(`${event.entry.account} ledger ${event.entry.seq}`);
  }
  return lines;
}

test('says hello with the position of the ledger, then what is written behind it', async () => {
  const { feed, append, write } = world();
  append('a');
  const subscription = feed.subscribe(null);
  append('a');
  write('a', 'x', 1);
  expect(await told(subscription)).toEqual(['hello 1', 'a ledger 2', 'a x 1']);
});

test('several writes of one thing at a time are one event, with the last state', async () => {
  const { feed, write } = world();
  const subscription = feed.subscribe(null);
  for (const value of [1, 2, 3]) write('a', 'x', value);
  expect(await told(subscription)).toEqual(['hello 0', 'a x 3']);
});

test('a write that was taken back is not told', async () => {
  const { feed } = world();
  const subscription = feed.subscribe(null);
  feed.mark({ kind: 'chat', account: 'a', jid: 'never committed' });
  expect(await told(subscription)).toEqual(['hello 0']);
});

test('a watcher of one account hears of its chats and ledger alone', async () => {
  const { feed, append, write } = world();
  const subscription = feed.subscribe('a');
  append('b');
  append('a');
  write('b', 'x', 1);
  write('a', 'y', 1);
  expect(await told(subscription)).toEqual(['hello 0', 'a ledger 2', 'a y 1']);
});

test('whoever comes while marks wait misses nothing and hears nothing twice', async () => {
  const { feed, append } = world();
  const first = feed.subscribe(null);
  append('a');
  const second = feed.subscribe(null);
  append('a');
  expect(await told(first)).toEqual(['hello 0', 'a ledger 1', 'a ledger 2']);
  expect(await told(second)).toEqual(['hello 1', 'a ledger 2']);
});

test('without watchers nothing is read', async () => {
  const { feed, write, reads } = world();
  const subscription = feed.subscribe(null);
  subscription.close();
  write('a', 'x', 1);
  await setImmediate();
  expect(reads()).toBe(0);
});
