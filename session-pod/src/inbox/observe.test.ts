import { describe, expect, it } from 'vitest';
import type { MessageSnapshot } from '../engine/inbound.ts';
import type { KnownMessage } from './event.ts';
import { type Circumstances, observe } from './observe.ts';
import { aMessage } from './testing/scripted-page.ts';

const CHAT = '4915700000000@c.us';
const ME = '491510000001@c.us';
const circumstances: Circumstances = { floor: 0, isOurs: () => false, me: ME, now: 9_000 };

const knownOf = (snapshot: MessageSnapshot, different: Partial<KnownMessage> = {}): KnownMessage => ({
  id: snapshot.id,
  timestamp: snapshot.timestamp,
  editedAt: 0,
  revoked: false,
  ack: 0,
  reactions: [],
  ...different,
});

const inbound = aMessage(CHAT, 1);
const own = aMessage(CHAT, 1, { fromMe: true });
const heart = { sender: CHAT, emoji: '❤️', at: 5_000 };

interface Row {
  readonly what: string;
  readonly snapshot: MessageSnapshot;
  readonly known?: KnownMessage;
  readonly given?: Partial<Circumstances>;
  readonly types: readonly string[];
}

const rows: readonly Row[] = [
  { what: 'a message from somebody', snapshot: inbound, types: ['message'] },
  { what: 'the same again', snapshot: inbound, known: knownOf(inbound), types: [] },
  { what: 'one from before what counts', snapshot: inbound, given: { floor: 2e12 }, types: [] },
  {
    what: 'an edit of one that is known, however old',
    snapshot: { ...inbound, editedAt: 7_000 },
    known: knownOf(inbound),
    given: { floor: 2e12 },
    types: ['message.edited'],
  },
  { what: 'what another device of the account wrote', snapshot: own, types: ['message.any'] },
  {
    what: 'what another device wrote and was read already',
    snapshot: { ...own, ack: 3 },
    types: ['message.any', 'message.ack'],
  },
  {
    what: 'what the API sent, not acknowledged',
    snapshot: { ...own, ack: 0 },
    given: { isOurs: () => true },
    types: [],
  },
  {
    what: 'what the API sent, acknowledged',
    snapshot: { ...own, ack: 1 },
    given: { isOurs: () => true },
    types: ['message.ack'],
  },
  {
    what: 'a higher ack',
    snapshot: { ...own, ack: 3 },
    known: knownOf(own, { ack: 1 }),
    types: ['message.ack'],
  },
  { what: 'a lower ack', snapshot: { ...own, ack: 1 }, known: knownOf(own, { ack: 2 }), types: [] },
  {
    what: 'an ack of what others wrote',
    snapshot: { ...inbound, ack: 3 },
    known: knownOf(inbound),
    types: [],
  },
  {
    what: 'one that was edited before it was seen',
    snapshot: { ...inbound, editedAt: 7_000 },
    types: ['message', 'message.edited'],
  },
  {
    what: 'a second edit',
    snapshot: { ...inbound, editedAt: 8_000 },
    known: knownOf(inbound, { editedAt: 7_000 }),
    types: ['message.edited'],
  },
  {
    what: 'an edit that is known',
    snapshot: { ...inbound, editedAt: 7_000 },
    known: knownOf(inbound, { editedAt: 7_000 }),
    types: [],
  },
  {
    what: 'one that was deleted before it was seen',
    snapshot: { ...inbound, revoked: true, type: 'revoked', body: '' },
    types: ['message', 'message.revoked'],
  },
  {
    what: 'a deletion that is known',
    snapshot: { ...inbound, revoked: true },
    known: knownOf(inbound, { revoked: true }),
    types: [],
  },
  {
    what: 'a reaction',
    snapshot: { ...inbound, reactions: [heart] },
    known: knownOf(inbound),
    types: ['message.reaction'],
  },
  {
    what: 'a reaction that is known',
    snapshot: { ...inbound, reactions: [heart] },
    known: knownOf(inbound, { reactions: [heart] }),
    types: [],
  },
  {
    what: 'another reaction of the same person',
    snapshot: { ...inbound, reactions: [{ ...heart, emoji: '👍', at: 6_000 }] },
    known: knownOf(inbound, { reactions: [heart] }),
    types: ['message.reaction'],
  },
  {
    what: 'a reaction that was taken back',
    snapshot: inbound,
    known: knownOf(inbound, { reactions: [heart] }),
    types: ['message.reaction'],
  },
  {
    what: 'a reaction that was taken back, told already',
    snapshot: inbound,
    known: knownOf(inbound, { reactions: [{ ...heart, emoji: '' }] }),
    types: [],
  },
  {
    what: 'a reaction set anew by a clock that is behind',
    snapshot: { ...inbound, reactions: [heart] },
    known: knownOf(inbound, { reactions: [{ sender: CHAT, emoji: '', at: 9_000 }] }),
    types: ['message.reaction'],
  },
  {
    what: 'a page that cannot say which reactions there are',
    snapshot: { ...inbound, reactions: undefined },
    known: knownOf(inbound, { reactions: [heart] }),
    types: [],
  },
  {
    what: 'somebody who joined a group',
    snapshot: { ...inbound, type: 'gp2', notice: { subtype: 'add', recipients: [CHAT] } },
    types: ['group.update'],
  },
];

describe('a look at a message', () => {
  it.each(rows)('$what: $types', ({ snapshot, known, given, types }) => {
    const { events } = observe(known, snapshot, { ...circumstances, ...given });
    expect(events.map(({ type }) => type)).toEqual(types);
  });

  it.each(rows)('$what: nothing when it is looked at again', ({ snapshot, known, given }) => {
    const first = observe(known, snapshot, { ...circumstances, ...given });
    const second = observe(first.known, snapshot, { ...circumstances, ...given });
    expect(second.events).toEqual([]);
  });

  it('names people and chats as users of such APIs know them', () => {
    const group = '120363025246125486@g.us';
    const { events } = observe(undefined, aMessage(group, 1, { author: CHAT, chatId: group }), circumstances);
    expect(events[0]?.payload).toMatchObject({ from: group, to: ME, participant: CHAT, fromMe: false });
    const sent = observe(undefined, own, circumstances).events[0];
    expect(sent?.payload).toMatchObject({ from: ME, to: CHAT, participant: null, fromMe: true });
  });
});
