import { expect, test } from 'vitest';
import type { MessageResource, MessageStatus } from '../../../api/src/session/index.ts';
import type { LedgerEntry, LedgerKind } from '../../../sandbox/src/ledger/entry.ts';
import { type Accepted, breaches, judge } from './verdict.ts';

const CHAT = '4915700000000@c.us';
const accepted: readonly Accepted[] = ['a', 'b', 'c'].map((text) => ({ chat: CHAT, text, id: `ID-${text}` }));

function resource(id: string, status: MessageStatus): MessageResource {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id,
    to: CHAT,
    type: 'text',
    status,
    outcome: null,
    messageId: null,
    acceptedAt: at,
    expiresAt: at,
    nextAttemptAt: null,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    endedAt: null,
    attempts: [{ number: 1, reason: 'first', begunAt: at, endedAt: at, outcome: 'inserted', detail: null }],
  };
}

let seq = 0;
const entry = (kind: LedgerKind, text: string, id = `ID-${text}`): LedgerEntry => ({
  seq: seq++,
  at: 0,
  account: '1',
  chat: CHAT,
  kind,
  id,
  device: null,
  detail: text,
});

const allSent = accepted.map(({ id }) => resource(id, 'delivered'));
const allDelivered = ['a', 'b', 'c'].map((text) => entry('delivered', text));

test('a run in which everything arrived once, in order, has no breach', () => {
  expect(breaches(judge(accepted, allSent, allDelivered))).toEqual([]);
});

const status = (id: string, changed: MessageStatus) =>
  allSent.map((known) => (known.id === id ? resource(id, changed) : known));
const without = (text: string) => allDelivered.filter(({ detail }) => detail !== text);

test.each<[string, readonly MessageResource[], readonly LedgerEntry[], string]>([
  ['a loss', allSent, without('b'), '1 said to be sent and never delivered'],
  ['a false failure', status('ID-b', 'failed'), allDelivered, '1 said to have failed and delivered'],
  ['a false expiry', status('ID-b', 'expired'), allDelivered, '1 said to have failed and delivered'],
  ['one still in the queue', status('ID-b', 'queued'), without('b'), '1 not accounted for'],
  ['one that the API forgot', allSent.slice(1), allDelivered, '1 not accounted for'],
  ['one given up', status('ID-b', 'failed'), without('b'), '1 given up although every fault passed'],
  ['a double', allSent, [...allDelivered, entry('delivered', 'b')], '1 delivered more than once'],
  [
    'another id',
    allSent,
    [...without('c'), entry('delivered', 'c', 'ID-x')],
    '1 delivered under another id than was answered',
  ],
  [
    'a changed order',
    allSent,
    ['b', 'a', 'c'].map((text) => entry('delivered', text)),
    '1 delivered out of order',
  ],
  ['a stranger', allSent, [...allDelivered, entry('delivered', 'z')], '1 delivered and never asked for'],
])('finds %s', (_, resources, ledger, expected) => {
  expect(breaches(judge(accepted, resources, ledger))).toContain(expected);
});

test('an honest unknown is no breach, whether or not it arrived, and is listed with the truth', () => {
  for (const [ledger, delivered] of [
    [allDelivered, 1],
    [without('b'), 0],
  ] as const) {
    const verdict = judge(accepted, status('ID-b', 'unknown'), ledger);
    expect(breaches(verdict)).toEqual([]);
    expect(verdict.unknown).toMatchObject([{ text: 'b', delivered, handedOver: 1 }]);
  }
});
