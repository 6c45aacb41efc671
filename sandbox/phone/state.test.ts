import { expect, test } from 'vitest';
import type { LiveEvent } from '../src/control/live-event.ts';
import type { Chat, LedgerEntry, Message } from './shapes.ts';
import { type Action, INITIAL, LEDGER_SHOWN, reduce, type State } from './state.ts';

const NUMBER = '491510000001';
const ADA = '4915700000000@c.us';

const message = (id: string, t: number, body = id): Message => ({
  id,
  chat: ADA,
  fromMe: false,
  author: ADA,
  t,
  ack: 1,
  content: { kind: 'text', body },
});

const chat = (jid: string, t: number, last: Message | null = null): Chat => ({
  jid,
  name: jid,
  t,
  unread: 0,
  last,
});

const entry = (seq: number): LedgerEntry => ({
  seq,
  at: 0,
  account: NUMBER,
  chat: ADA,
  kind: 'read',
  id: 'A',
  device: null,
  detail: null,
});

const empty = { number: NUMBER, chats: [], contacts: [], groups: [], ledger: [] };
const loaded: Action = { kind: 'loaded', accounts: [], links: [], faults: [], phone: empty };

const after = (...actions: readonly Action[]): State => [loaded, ...actions].reduce(reduce, INITIAL);
const event = (told: LiveEvent): Action => ({ kind: 'event', event: told });
const told = (one: Message): Action => event({ kind: 'message', account: NUMBER, message: one });
const page = (messages: readonly Message[], complete = true): Action => ({
  kind: 'page',
  number: NUMBER,
  chat: ADA,
  messages,
  complete,
});
const bodies = ({ phone }: State) =>
  phone?.conversations[ADA]?.messages.map(({ content }) => (content.kind === 'text' ? content.body : ''));

test('a new message stands last, and a changed one stays in its place', () => {
  const state = after(
    page([message('A', 1), message('B', 2)]),
    told(message('C', 3)),
    told(message('A', 1, 'edited')),
  );
  expect(bodies(state)).toEqual(['edited', 'B', 'C']);
});

test('what the feed told is newer than a page that was asked for before', () => {
  const state = after(
    page([message('B', 2)], false),
    told(message('B', 2, 'edited')),
    page([message('A', 1), message('B', 2)]),
  );
  expect(bodies(state)).toEqual(['A', 'edited']);
});

test('what comes while a chat is being opened is not lost, and the page decides the order', () => {
  const opened: Action = { kind: 'opened', number: NUMBER, chat: ADA };
  const state = after(
    opened,
    told(message('A', 1, 'edited')),
    told(message('C', 3)),
    page([message('A', 1), message('B', 2)]),
  );
  expect(bodies(state)).toEqual(['edited', 'B', 'C']);
});

test('a change of a message that was not loaded waits for its page', () => {
  expect(bodies(after(page([message('B', 2)], false), told(message('A', 1))))).toEqual(['B']);
  expect(bodies(after(page([message('B', 2)], true), told(message('A', 1))))).toEqual(['B', 'A']);
});

test('a chat that is not open shows the new state of its last message', () => {
  const list = event({ kind: 'chat', account: NUMBER, chat: chat(ADA, 1, message('A', 1)) });
  const state = after(list, told({ ...message('A', 1), ack: 3 }));
  expect(state.phone?.chats[0]?.last?.ack).toBe(3);
});

test('the chat with the latest message stands first', () => {
  const tell = (jid: string, t: number) => event({ kind: 'chat', account: NUMBER, chat: chat(jid, t) });
  const state = after(tell('a', 1), tell('b', 2), tell('a', 3));
  expect(state.phone?.chats.map(({ jid, t }) => `${jid} ${t}`)).toEqual(['a 3', 'b 2']);
});

test('a ledger entry that was read and is told of as well is one, and the oldest give way', () => {
  const tell = (seq: number) => event({ kind: 'ledger', entry: entry(seq) });
  expect(after(tell(1), tell(2), tell(2)).phone?.ledger.map(({ seq }) => seq)).toEqual([1, 2]);
  const many = Array.from({ length: LEDGER_SHOWN + 5 }, (_, index) => tell(index + 1));
  expect(
    after(...many)
      .phone?.ledger.map(({ seq }) => seq)
      .slice(0, 1),
  ).toEqual([6]);
});

test('what is told of another account changes nothing', () => {
  const before = after();
  expect(reduce(before, event({ kind: 'message', account: '4915110000002', message: message('A', 1) }))).toBe(
    before,
  );
});

test('a new connection reads everything anew and keeps the verdict until the next', () => {
  const audit = {
    outbound: { lost: [], duplicated: [], unexpected: [], reordered: [] },
    inbound: { lost: [], duplicated: [], unexpected: [], reordered: [] },
  };
  const state = after({ kind: 'audited', number: NUMBER, audit }, page([message('A', 1)]), loaded);
  expect(state.phone).toMatchObject({ audit, conversations: {} });
});

test('a group is shown to its members alone', () => {
  const group = { jid: '1@g.us', subject: 'Crew', owner: ADA, created: 1, participants: [ADA] };
  expect(after(event({ kind: 'group', group })).phone?.groups).toEqual([]);
  const ours = { ...group, participants: [ADA, `${NUMBER}@c.us`] };
  expect(after(event({ kind: 'group', group: ours })).phone?.groups).toEqual([ours]);
});
