import { describe, expect, test } from 'vitest';
import { defaultDeadlines as limits } from './deadlines.ts';
import { newRecord } from './life-record.ts';
import { type Decision, decide, type LifeView } from './supervisor.ts';

const NOW = 1_000_000;

/** A page that is well at `NOW`. */
const well: LifeView = {
  ...newRecord(NOW),
  stage: 'ready',
  stageSince: NOW - 10_000,
  beatAt: NOW - 500,
  probe: { open: false, misses: 0, lastAt: NOW - 1_000 },
  roundTrip: { sentAt: undefined, missed: false, provenAt: NOW - 1_000 },
};

const decided = (life: LifeView | undefined, nextLifeAt = 0): Decision =>
  decide({ life, nextLifeAt, outagePatience: limits.outageMs }, NOW, limits);

const short = (decision: Decision): string =>
  decision.do === 'end-life' ? `end-life ${decision.fault.reason} ${decision.fault.next}` : decision.do;

const since = (ms: number) => ({ stageSince: NOW - ms });
const crash = { reason: 'renderer_crashed', detail: 'Page crashed!', next: 'counted' } as const;

const rows: readonly [string, Partial<LifeView>, string][] = [
  ['is well', {}, 'wait'],
  ['was not asked for a while', { probe: { ...well.probe, lastAt: NOW - 2_000 } }, 'probe'],
  ['is being asked', { probe: { ...well.probe, lastAt: NOW - 2_000, open: true } }, 'wait'],
  ['left one question unanswered', { probe: { ...well.probe, misses: 1 } }, 'wait'],
  ['left two unanswered', { probe: { ...well.probe, misses: 2 } }, 'end-life engine_hung counted'],
  ['is too busy with a file to answer', { busy: true, probe: { ...well.probe, misses: 11 } }, 'wait'],
  [
    'is busy with a file for too long',
    { busy: true, probe: { ...well.probe, misses: 12 } },
    'end-life engine_hung counted',
  ],
  ['has a silent worker', { beatAt: NOW - 8_001 }, 'end-life engine_hung counted'],
  ['told of a crash', { fault: crash }, 'end-life renderer_crashed counted'],
  [
    'told of a crash and hangs since',
    { fault: crash, probe: { ...well.probe, misses: 9 }, beatAt: 0 },
    'end-life renderer_crashed counted',
  ],
  [
    'heard nothing from WhatsApp for a while',
    { roundTrip: { ...well.roundTrip, provenAt: NOW - 15_000 } },
    'round-trip',
  ],
  [
    'waits for an answer of WhatsApp',
    { roundTrip: { ...well.roundTrip, provenAt: NOW - 20_000, sentAt: NOW - 5_000 } },
    'wait',
  ],
  ['got no answer of WhatsApp', { roundTrip: { ...well.roundTrip, missed: true } }, 'reconnect'],
  ['was told to reconnect and looks connected', { silentSince: NOW - 5_000 }, 'round-trip'],
  ['was told to reconnect long ago', { silentSince: NOW - 60_001 }, 'end-life socket_silent outage'],
  ['does not launch yet', { stage: 'launching', ...since(30_000) }, 'wait'],
  ['never launched', { stage: 'launching', ...since(30_001) }, 'end-life startup_timeout counted'],
  ['never loaded', { stage: 'loading', ...since(30_001) }, 'end-life page_unreachable gentle'],
  ['never booted', { stage: 'booting', ...since(30_001) }, 'end-life page_unreachable gentle'],
  ['cannot reach WhatsApp for a minute', { stage: 'opening', ...since(60_000) }, 'probe'],
  [
    'cannot reach WhatsApp for longer',
    { stage: 'opening', ...since(120_001) },
    'end-life socket_lost outage',
  ],
  ['syncs without progress', { stage: 'syncing', ...since(120_001) }, 'end-life startup_timeout counted'],
  ['synced just now', { stage: 'synced', ...since(4_000) }, 'probe'],
  ['synced and is not ready', { stage: 'synced', ...since(5_001) }, 'rescue-ready'],
  ['was told a second time', { stage: 'synced', ...since(6_000), rescued: true }, 'probe'],
  [
    'was told a second time in vain',
    { stage: 'synced', ...since(10_001), rescued: true },
    'end-life startup_timeout counted',
  ],
  [
    'synced and lacks something',
    { stage: 'synced', ...since(6_000), rescued: true, missingModules: ['WAWebCmd'] },
    'end-life page_incompatible gentle',
  ],
  ['shows a code for hours', { stage: 'unlinked', ...since(36_000_000) }, 'probe'],
  ['has no codes left, a moment ago', { stage: 'idle', pairingRefreshAt: NOW + 1 }, 'probe'],
  ['has no codes left', { stage: 'idle', pairingRefreshAt: NOW }, 'refresh-pairing'],
  ['was linked in this life just now', { linkedHere: true, ...since(500) }, 'wait'],
  ['was linked in this life', { linkedHere: true, ...since(1_000) }, 'end-life progress settle'],
];

describe('decide', () => {
  test.for(rows)('a page that %s', ([, change, expected]) => {
    const eager: Partial<LifeView> =
      change.stage === undefined ? {} : { probe: { ...well.probe, lastAt: NOW - 1_000 } };
    expect(short(decided({ ...well, ...eager, ...change }))).toBe(expected);
  });

  test('without a browser it waits for its time, then begins', () => {
    expect(decided(undefined, NOW + 1)).toEqual({ do: 'wait' });
    expect(decided(undefined, NOW)).toEqual({ do: 'begin-life' });
  });

  test('the defaults add up: a frozen page within 10 s, a silent connection within 30 s', () => {
    const frozen = limits.probeIntervalMs + limits.probeMisses * limits.probeMs + 2 * limits.tickMs;
    expect(frozen).toBeLessThanOrEqual(10_000);
    expect(limits.roundTripIntervalMs + limits.roundTripMs + 2 * limits.tickMs).toBeLessThanOrEqual(30_000);
    expect(limits.heartbeatLimitMs + limits.heartbeatMs).toBeLessThanOrEqual(10_000);
  });
});
