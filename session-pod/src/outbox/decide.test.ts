import { describe, expect, it } from 'vitest';
import { type Decision, decide, type Finding, type Situation } from './decide.ts';
import type { Attempt, Message } from './message.ts';
import { aMessage, anAttempt } from './testing/messages.ts';

const NOW = 100_000;

const situation = (different: Partial<Situation> = {}): Situation => ({
  message: aMessage(),
  finding: undefined,
  registration: undefined,
  unanswered: false,
  session: { connected: true, quietSince: 0 },
  settings: { maxAttempts: 3, ackTimeoutMs: 30_000, unproven: 'resend' },
  now: NOW,
  ...different,
});

const after = (...outcomes: readonly (Attempt['outcome'] | Attempt)[]): Message =>
  aMessage({
    status: 'sending',
    attempts: outcomes.map((outcome, index) =>
      typeof outcome === 'object' ? outcome : anAttempt(outcome, { number: index + 1 }),
    ),
  });
const inserted = (different: Partial<Message> = {}): Message => ({
  ...after('inserted'),
  insertedAt: NOW - 1000,
  ack: 0,
  ...different,
});

const absent: Finding = { kind: 'absent' };
const withAck = (ack: -1 | 0 | 1 | 2 | 3 | 4): Finding => ({ kind: 'found', ack });
const hold = { maxAttempts: 3, ackTimeoutMs: 30_000, unproven: 'hold' } as const;
const offline = { connected: false, quietSince: 0 };
const resent = anAttempt('timeout', { number: 2, reason: 'absent' });

type Row = readonly [what: string, given: Partial<Situation>, then: Partial<Decision> & { kind: string }];

const table = (name: string, rows: readonly Row[]) =>
  describe(name, () => {
    it.each(rows)('%s', (_what, given, then) => {
      expect(decide(situation(given))).toMatchObject(then);
    });
  });

table('a message that was never handed over', [
  ['is handed over', {}, { kind: 'attempt', reason: 'first' }],
  ['waits without cost while not connected', { session: offline }, { kind: 'wait', reason: 'not_connected' }],
  [
    'ends as expired when its time is over',
    { message: aMessage({ expiresAt: NOW }) },
    { kind: 'end', status: 'expired' },
  ],
  [
    'is handed over after a call that was not begun',
    { message: after('not_begun') },
    { kind: 'attempt', reason: 'not_begun' },
  ],
  [
    'waits after a call that was not begun',
    { message: { ...after('not_begun'), nextAttemptAt: NOW + 5 } },
    { kind: 'wait', reason: 'backoff', until: NOW + 5 },
  ],
  [
    'does not run out of attempts by calls that were not begun',
    { message: after(...Array.from({ length: 50 }, () => 'not_begun' as const)) },
    { kind: 'attempt', reason: 'not_begun' },
  ],
]);

table('outcomes of one attempt', [
  ['resolved with a message: asks whether the server has it', { message: inserted() }, { kind: 'ask' }],
  ['resolved with nothing: asks for the id', { message: after('no_result') }, { kind: 'ask' }],
  [
    'resolved with nothing, id absent: asks for the registration',
    { message: after('no_result'), finding: absent },
    { kind: 'ask_registration' },
  ],
  [
    'resolved with nothing, id absent, not registered: not sent',
    { message: after('no_result'), finding: absent, registration: 'unregistered' },
    { kind: 'end', status: 'failed', code: 'not_on_whatsapp' },
  ],
  [
    'resolved with nothing, id absent, registered: nothing is proven',
    { message: after('no_result'), finding: absent, registration: 'registered' },
    { kind: 'attempt', reason: 'absent' },
  ],
  [
    'resolved with nothing in a group: has no registration to ask for',
    { message: { ...after('no_result'), chatId: '120363@g.us' }, finding: absent },
    { kind: 'attempt', reason: 'absent' },
  ],
  ['refused: makes sure that the id is absent', { message: after('refused') }, { kind: 'ask' }],
  [
    'refused and absent: failed with that code',
    { message: after('refused'), finding: absent },
    { kind: 'end', status: 'failed', code: 'not_a_member' },
  ],
  [
    'refused, not connected: not failed before the page was asked',
    { message: after('refused'), session: offline },
    { kind: 'wait', reason: 'not_connected' },
  ],
  ...(['rejected', 'timeout', 'engine_lost', 'interrupted'] as const).flatMap((outcome): Row[] => [
    [`${outcome}: asks`, { message: after(outcome) }, { kind: 'ask' }],
    [
      `${outcome}, not connected: waits, and does not guess`,
      { message: after(outcome), session: offline },
      { kind: 'wait', reason: 'not_connected' },
    ],
  ]),
]);

table('resolving an ambiguous attempt', [
  ...([1, 2, 3, 4] as const).map(
    (ack): Row => [
      `id with ack ${ack}: it left`,
      { message: after('timeout'), finding: withAck(ack) },
      { kind: 'acknowledged', ack },
    ],
  ),
  [
    'id with ack 0: waits',
    { message: inserted(), finding: withAck(0) },
    { kind: 'wait', reason: 'ack', until: NOW + 29_000 },
  ],
  [
    'id with ack 0, overdue: the socket is reconnected',
    { message: inserted({ insertedAt: 0 }), finding: withAck(0) },
    { kind: 'recover', step: 'reconnect_socket' },
  ],
  [
    'id with ack 0, overdue, but connected only now: waits',
    {
      message: inserted({ insertedAt: 0 }),
      finding: withAck(0),
      session: { connected: true, quietSince: NOW - 10 },
    },
    { kind: 'wait', reason: 'ack' },
  ],
  [
    'id with ack 0, overdue after the reconnect: the page is begun anew',
    { message: inserted({ insertedAt: 0, nudges: 1 }), finding: withAck(0) },
    { kind: 'recover', step: 'restart_engine' },
  ],
  [
    'id with ack 0 after both: waits until it expires',
    { message: inserted({ insertedAt: 0, nudges: 2 }), finding: withAck(0) },
    { kind: 'wait', reason: 'ack', until: 1_000_000 },
  ],
  [
    'id with ack 0 at expiry: unknown',
    { message: inserted({ expiresAt: NOW }), finding: withAck(0) },
    { kind: 'end', status: 'unknown', code: 'expired' },
  ],
  [
    'id with ack −1: once more under the same id',
    { message: inserted(), finding: withAck(-1) },
    { kind: 'attempt', reason: 'gave_up' },
  ],
  [
    'id with ack −1 after that: failed',
    {
      message: after('inserted', anAttempt('inserted', { number: 2, reason: 'gave_up' })),
      finding: withAck(-1),
    },
    { kind: 'end', status: 'failed', code: 'rejected_by_whatsapp' },
  ],
  [
    'id with ack −1 after a retry that was not begun: once more',
    {
      message: after('inserted', anAttempt('not_begun', { number: 2, reason: 'gave_up' })),
      finding: withAck(-1),
    },
    { kind: 'attempt', reason: 'gave_up' },
  ],
  [
    'id absent, call begun: the same id again',
    { message: after('timeout'), finding: absent },
    { kind: 'attempt', reason: 'absent' },
  ],
  [
    'id absent, call begun, to be held: unknown',
    { message: after('timeout'), finding: absent, settings: hold },
    { kind: 'end', status: 'unknown', code: 'not_proven' },
  ],
  [
    'id absent though it had been stored: the same rules',
    { message: inserted(), finding: absent, settings: hold },
    { kind: 'end', status: 'unknown', code: 'not_proven' },
  ],
  [
    'id absent, all attempts made: unknown',
    { message: after('timeout', resent, { ...resent, number: 3 }), finding: absent },
    { kind: 'end', status: 'unknown', code: 'attempts_exhausted' },
  ],
  [
    'no answer for an ack timeout: the page is begun anew, because the call may still run in it',
    { message: after('timeout'), unanswered: true },
    { kind: 'recover', step: 'restart_engine', reason: 'no_answer' },
  ],
  [
    'expired, connected: asks once more before it ends',
    { message: { ...after('timeout'), expiresAt: NOW } },
    { kind: 'ask' },
  ],
  [
    'expired, not connected: unknown, and says that it was not asked',
    { message: { ...after('timeout'), expiresAt: NOW }, session: offline },
    { kind: 'end', status: 'unknown', detail: expect.stringContaining('could not be asked') },
  ],
  [
    'expired, and the page does not answer: unknown',
    { message: { ...after('timeout'), expiresAt: NOW }, unanswered: true },
    { kind: 'end', status: 'unknown', detail: expect.stringContaining('did not answer') },
  ],
  [
    'expired and acknowledged: it left',
    { message: inserted({ expiresAt: NOW }), finding: withAck(1) },
    { kind: 'acknowledged', ack: 1 },
  ],
]);

table('a message that may have left in an earlier attempt is never called failed', [
  [
    'refused now',
    {
      message: after('timeout', anAttempt('refused', { number: 2, reason: 'absent' })),
      finding: absent,
    },
    { kind: 'end', status: 'unknown', code: 'not_a_member' },
  ],
  [
    'given up by the page now',
    {
      message: after(
        'timeout',
        anAttempt('inserted', { number: 2, reason: 'absent' }),
        anAttempt('inserted', { number: 3, reason: 'gave_up' }),
      ),
      finding: withAck(-1),
    },
    { kind: 'end', status: 'unknown', code: 'rejected_by_whatsapp' },
  ],
  [
    'not on WhatsApp now',
    {
      message: after('timeout', anAttempt('no_result', { number: 2, reason: 'absent' })),
      finding: absent,
      registration: 'unregistered',
    },
    { kind: 'end', status: 'unknown', code: 'not_on_whatsapp' },
  ],
  [
    'out of time now',
    { message: { ...after('timeout', resent), expiresAt: NOW }, finding: absent },
    { kind: 'end', status: 'unknown', code: 'expired' },
  ],
]);

const reaction = (...outcomes: readonly (Attempt['outcome'] | Attempt)[]): Message => ({
  ...after(...outcomes),
  type: 'reaction',
});

table('a reaction, which has no id to ask for', [
  [
    'is set again after a call of which nothing is proven, even when messages are held',
    { message: reaction('engine_lost'), settings: hold },
    { kind: 'attempt', reason: 'repeatable' },
  ],
  ['makes sure that a call which timed out has ended', { message: reaction('timeout') }, { kind: 'ask' }],
  [
    'is set again once that call has ended',
    { message: reaction('timeout'), finding: absent },
    { kind: 'attempt', reason: 'repeatable' },
  ],
  ['fails when it is refused', { message: reaction('refused') }, { kind: 'end', status: 'failed' }],
  [
    'is unknown when it is refused after it may have been set',
    { message: reaction('rejected', anAttempt('refused', { number: 2, reason: 'repeatable' })) },
    { kind: 'end', status: 'unknown' },
  ],
  [
    'is unknown at expiry after a call of which nothing is proven',
    { message: { ...reaction('rejected'), expiresAt: NOW } },
    { kind: 'end', status: 'unknown' },
  ],
]);
