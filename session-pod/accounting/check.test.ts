import { describe, expect, it } from 'vitest';
import { checkAccounts, type Evidence, type LedgerLine, type ReceivedLine } from './check.ts';
import type { PodRecords } from './records.ts';

const ALICE = '5511911111111@c.us';
const BOB = '5511922222222@c.us';
const NOW = 1_700_000_000_000;

/** Ten messages from two people, three sent, one webhook that got everything. */
function sound() {
  const chatOf = (n: number) => (n % 2 === 0 ? ALICE : BOB);
  const events = Array.from({ length: 10 }, (_, n) => ({
    id: n + 1,
    type: 'message' as const,
    chat: chatOf(n),
    message: `false_${chatOf(n)}_IN${n}`,
  }));
  const messages = ['sent', 'read', 'failed'].map((status, n) => ({
    id: `OUT${n}`,
    chat: ALICE,
    type: 'text',
    status,
  }));
  const records: PodRecords = {
    bounds: { first: 1, last: 10 },
    floor: 0,
    events,
    inboundEvents: 10,
    messages,
    ours: new Set(messages.map(({ id }) => id)),
    webhooks: [{ id: 'crm', beginsAfter: 2, dead: [], wants: (type) => type === 'message' }],
    counters: { events: 10, inbound: 10 },
  };
  const line = (kind: string, chat: string, id: string): LedgerLine => ({
    at: NOW,
    account: '491510000001',
    chat,
    kind,
    id,
  });
  const ledger = [
    ...events.map(({ chat }, n) => line('injected', chat, `IN${n}`)),
    line('delivered', ALICE, 'OUT0'),
    line('delivered', ALICE, 'OUT1'),
  ];
  const lines: ReceivedLine[] = events.slice(2).map(({ id }) => ({ id: `evt_x_${id}`, sequence: id }));
  return { records, ledger, lines };
}

type Sound = ReturnType<typeof sound>;

const check = (change: (given: Sound) => Partial<Sound> = () => ({})): readonly string[] => {
  const given = sound();
  const { records, ledger, lines } = { ...given, ...change(given) };
  const evidence: Evidence = { records, ledger, received: new Map([['crm', lines]]) };
  return checkAccounts(evidence).map(({ what, detail }) => `${what}: ${detail}`);
};

const withEvents = ({ records }: Sound, events: PodRecords['events']): Partial<Sound> => ({
  records: {
    ...records,
    events,
    inboundEvents: events.length,
    bounds: { first: 1, last: events.length },
    counters: { events: events.length, inbound: events.length },
  },
});

describe('the check of the accounts', () => {
  it('finds nothing where all is well', () => {
    expect(check()).toEqual([]);
  });

  it('a webhook that got something twice is in order', () => {
    expect(check(({ lines }) => ({ lines: [...lines.slice(0, 3), ...lines] }))).toEqual([]);
  });

  it.each<readonly [string, (given: Sound) => Partial<Sound>, string]>([
    [
      'a lost inbound message',
      (given) => withEvents(given, given.records.events.slice(0, -1)),
      `inbound: lost: IN9 in ${BOB}`,
    ],
    [
      'a doubled inbound message',
      (given) =>
        withEvents(given, [...given.records.events, { ...given.records.events[3], id: 11 } as never]),
      `inbound: 2 times: IN3 in ${BOB}`,
    ],
    [
      'two inbound messages that changed places',
      (given) => {
        const message = (n: number) => given.records.events[n]?.message ?? '';
        const swapped = new Map([
          [1, message(2)],
          [3, message(0)],
        ]);
        return withEvents(
          given,
          given.records.events.map((event) => ({
            ...event,
            message: swapped.get(event.id) ?? event.message,
          })),
        );
      },
      'inbound: out of order',
    ],
    [
      'a message that nobody wrote',
      ({ ledger }) => ({ ledger: ledger.filter(({ id }) => id !== 'IN4') }),
      `inbound: never happened: IN4 in ${ALICE}`,
    ],
    [
      'a gap in the ids of events',
      (given) => ({
        records: { ...given.records, events: given.records.events.filter(({ id }) => id !== 5) },
      }),
      'log: event 5 is missing',
    ],
    [
      'one that is sent and never arrived',
      ({ ledger }) => ({ ledger: ledger.filter(({ id }) => id !== 'OUT0') }),
      'outbound: OUT0 is sent and never arrived',
    ],
    [
      'one that arrived twice',
      ({ ledger }) => ({ ledger: [...ledger, ...ledger.slice(-1)] }),
      'outbound: OUT1 was delivered 2 times',
    ],
    [
      'one that failed and arrived',
      ({ ledger }) => ({ ledger: [...ledger, { ...ledger.at(-1), id: 'OUT2' } as LedgerLine] }),
      'outbound: OUT2 is failed and arrived',
    ],
    [
      'two that arrived out of order',
      ({ ledger }) => ({ ledger: [...ledger.slice(0, 10), ledger[11], ledger[10]] as LedgerLine[] }),
      'out of order',
    ],
    [
      'a wrong count',
      ({ records }) => ({ records: { ...records, counters: { events: 10, inbound: 9 } } }),
      'counters: inbound messages: 9 counted, 10 there',
    ],
    [
      'an event that the webhook did not get',
      ({ lines }) => ({ lines: lines.filter(({ sequence }) => sequence !== 6) }),
      `webhook crm: lost: 6 in ${BOB}`,
    ],
    [
      'events that the webhook got out of order',
      ({ lines }) => ({ lines: [lines[2], lines[1], lines[0], ...lines.slice(3)] as ReceivedLine[] }),
      'webhook crm: out of order',
    ],
    [
      'two events under one id',
      ({ lines }) => ({ lines: [...lines, { id: 'evt_x_3', sequence: 4 }] }),
      'webhook crm: evt_x_3 came with another sequence',
    ],
  ])('finds %s', (_what, change, finding) => {
    expect(check(change).join('\n')).toContain(finding);
  });
});
