import { describe, expect, test } from 'vitest';
import { defaultDeadlines as limits } from './deadlines.ts';
import {
  type LifeRecord,
  newRecord,
  noted,
  observed,
  probeFailed,
  probeSent,
  roundTripEnded,
  roundTripSent,
  silenced,
} from './life-record.ts';
import type { PageFacts, WorkerEvent } from './protocol.ts';

const facts = (socket: string | undefined, hasSynced = false): PageFacts => ({
  running: true,
  version: '2.3',
  socket,
  hasSynced,
  dismissed: [],
});

/** A record after these events, one a second. */
const lived = (...events: readonly (WorkerEvent | PageFacts)[]): LifeRecord =>
  events.reduce<LifeRecord>((record, event, index) => {
    const now = (index + 1) * 1_000;
    return 'kind' in event ? noted(record, event, now, limits) : observed(record, event, now, limits);
  }, newRecord(0));

const opened: WorkerEvent = { kind: 'opened', browser: 'Chrome' };
const loaded: WorkerEvent = { kind: 'loaded', number: 1, loggedOut: false };
const account = { user: '1', name: undefined, platform: undefined };
const ready: WorkerEvent = { kind: 'ready', account };
const socket = (name: string, hasSynced = false): WorkerEvent => ({
  kind: 'socket',
  socket: name,
  hasSynced,
});

const stages: readonly [string, readonly (WorkerEvent | PageFacts)[], LifeRecord['stage']][] = [
  ['nothing', [], 'launching'],
  ['a page', [opened], 'loading'],
  ['its HTML', [opened, loaded], 'booting'],
  ['its program, without a connection', [opened, loaded, facts('OPENING')], 'opening'],
  ['a code', [opened, loaded, { kind: 'qr', qr: 'x' }], 'unlinked'],
  ['no code left', [opened, loaded, { kind: 'qr', qr: 'x' }, socket('UNPAIRED_IDLE')], 'idle'],
  ['no account, without a code to prove it', [opened, loaded, facts('UNPAIRED')], 'opening'],
  ['a scan', [opened, loaded, socket('PAIRING')], 'syncing'],
  ['a connection', [opened, loaded, socket('CONNECTED')], 'syncing'],
  ['everything synced', [opened, loaded, socket('CONNECTED', true)], 'synced'],
  ['ready, of a library that says so too early', [opened, loaded, ready, socket('CONNECTED')], 'syncing'],
  ['ready', [opened, loaded, socket('CONNECTED', true), ready], 'ready'],
  [
    'a lost connection',
    [opened, loaded, socket('CONNECTED', true), ready, socket('TIMEOUT', true)],
    'opening',
  ],
];

const faults: readonly [string, WorkerEvent, string][] = [
  ['HTTP 500', { kind: 'document', status: 500 }, 'page_unreachable gentle'],
  ['a second document', { kind: 'loaded', number: 2, loggedOut: false }, 'navigation counted'],
  ['a document after a logout', { kind: 'loaded', number: 2, loggedOut: true }, 'logged_out log-out'],
  ['a crash of the page', { kind: 'page-crashed', detail: 'Page crashed!' }, 'renderer_crashed counted'],
  ['the end of the browser', { kind: 'browser-gone' }, 'browser_crashed counted'],
  [
    'a refused connection',
    { kind: 'start-failed', error: 'net::ERR_CONNECTION_REFUSED at https://x' },
    'page_unreachable gentle',
  ],
  [
    'a missing module',
    { kind: 'start-failed', error: 'Requiring unknown module "WAWebCmd"' },
    'page_incompatible gentle',
  ],
  ['a full disk', { kind: 'storage-full', error: 'QuotaExceededError' }, 'storage_error gentle'],
  ['what nobody caught', { kind: 'unhandled', error: 'TypeError: x' }, 'engine_crashed counted'],
  ['CONFLICT', socket('CONFLICT'), 'conflict fail'],
  ['TOS_BLOCK', socket('TOS_BLOCK'), 'tos_block fail'],
  ['SMB_TOS_BLOCK', socket('SMB_TOS_BLOCK'), 'smb_tos_block fail'],
  ['PROXYBLOCK', socket('PROXYBLOCK'), 'proxy_block fail'],
  ['DEPRECATED_VERSION', socket('DEPRECATED_VERSION'), 'deprecated_version fail'],
];

describe('a life', () => {
  test.for(stages)('with %s', ([, events, expected]) => {
    expect(lived(...events).stage).toBe(expected);
  });

  test.for(faults)('told of %s', ([, event, expected]) => {
    const { fault } = lived(opened, loaded, event);
    expect(`${fault?.reason} ${fault?.next}`).toBe(expected);
  });

  test('keeps the first fault: what follows is its echo', () => {
    const record = lived(opened, loaded, socket('CONFLICT'), { kind: 'browser-gone' });
    expect(record.fault?.reason).toBe('conflict');
  });

  test('does not take a rejection for a fault that only says that the page went away', () => {
    const gone = { kind: 'unhandled', error: 'Execution context was destroyed' } as const;
    expect(lived(opened, loaded, gone).fault).toBeUndefined();
  });

  test('takes phone numbers out of what it keeps', () => {
    const { fault } = lived(opened, loaded, { kind: 'unhandled', error: 'no 4915112345678@c.us\nat x' });
    expect(fault?.detail).toBe('no …@c.us');
  });

  test('counts from progress, not from the beginning, while it syncs', () => {
    expect(lived(opened, loaded, socket('CONNECTED'), { kind: 'sync-progress' }).stageSince).toBe(4_000);
  });

  test('knows that it was linked in this life by a code, not by a clean start', () => {
    expect(lived(opened, loaded, facts('OPENING'), socket('CONNECTED', true), ready).linkedHere).toBe(false);
    expect(lived(opened, loaded, { kind: 'qr', qr: 'x' }, socket('CONNECTED', true)).linkedHere).toBe(true);
  });

  test('waits longer each time before it fetches fresh codes', () => {
    const idle = lived(opened, loaded, { kind: 'qr', qr: 'x' }, socket('UNPAIRED_IDLE'));
    expect(idle.pairingRefreshAt).toBe(4_000 + limits.pairingRefreshMs);
    const again = [socket('UNPAIRED'), socket('UNPAIRED_IDLE')].reduce(
      (record, event) => noted(record, event, 10_000, limits),
      { ...idle, refreshes: 2 },
    );
    expect(again.pairingRefreshAt).toBe(10_000 + 4 * limits.pairingRefreshMs);
  });
});

describe('questions', () => {
  const connected = lived(opened, loaded, socket('CONNECTED', true), ready);

  test('unanswered ones count, one that is answered with an error does not', () => {
    const missed = probeFailed(probeSent(connected, 5_000), true);
    expect(missed.probe.misses).toBe(1);
    expect(probeFailed(probeSent(missed, 6_000), false).probe.misses).toBe(0);
  });

  test('an answer of WhatsApp proves the connection, and ends its silence', () => {
    const answered = roundTripEnded(roundTripSent(silenced(connected, 5_000), 6_000), 'answered', 7_000);
    expect(answered).toMatchObject({ silentSince: undefined, roundTrip: { missed: false, provenAt: 7_000 } });
  });

  test('no answer is a miss, unless something else came meanwhile', () => {
    const sent = roundTripSent(connected, 5_000);
    expect(roundTripEnded(sent, 'missed', 15_000).roundTrip.missed).toBe(true);
    const ack: WorkerEvent = { kind: 'ack', messageId: 'x', ack: 1 };
    expect(roundTripEnded(noted(sent, ack, 6_000, limits), 'missed', 15_000).roundTrip.missed).toBe(false);
  });

  test('a question that could not be put proves nothing: a silent connection stays silent', () => {
    const silent = roundTripSent(silenced(connected, 5_000), 6_000);
    expect(roundTripEnded(silent, 'unasked', 7_000).silentSince).toBe(5_000);
  });

  test('a message of our own is no sign of life of WhatsApp', () => {
    const message = { fromMe: true } as Extract<WorkerEvent, { kind: 'message' }>['message'];
    const silent = silenced(connected, 5_000);
    expect(noted(silent, { kind: 'message', message }, 6_000, limits).silentSince).toBe(5_000);
  });
});
