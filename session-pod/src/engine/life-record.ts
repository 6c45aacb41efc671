import type { Deadlines } from './deadlines.ts';
import { type Fault, faultOfSocket, faultOfStart, firstLine, goneMeanwhile } from './faults.ts';
import type { PageAccount, PageFacts, WorkerEvent } from './protocol.ts';
import { stageOf } from './stage.ts';
import type { LifeView } from './supervisor.ts';

/** Everything that is known of one life; each happening makes a new record. Pure: time comes in. */
export interface LifeRecord extends LifeView {
  readonly opened: boolean;
  readonly loaded: boolean;
  readonly facts: PageFacts | undefined;
  readonly ready: boolean;
  readonly account: PageAccount | undefined;
  readonly browser: string | undefined;
  readonly codeSeen: boolean;
  /** A pairing code is shown. */
  readonly hasCode: boolean;
  /** How often fresh codes to link with were fetched. */
  readonly refreshes: number;
  /** The last error that the page threw, for the detail of a fault. */
  readonly pageError: string | undefined;
}

export const newRecord = (now: number): LifeRecord => ({
  fault: undefined,
  stage: 'launching',
  stageSince: now,
  beatAt: now,
  probe: { open: false, misses: 0, lastAt: now },
  roundTrip: { sentAt: undefined, missed: false, provenAt: now },
  silentSince: undefined,
  rescued: false,
  missingModules: [],
  linkedHere: false,
  busy: false,
  pairingRefreshAt: now,
  opened: false,
  loaded: false,
  facts: undefined,
  ready: false,
  account: undefined,
  browser: undefined,
  codeSeen: false,
  hasCode: false,
  refreshes: 0,
  pageError: undefined,
});

/** A record with a fault, unless it had one: what comes after the first is its echo. */
export const withFault = (record: LifeRecord, fault: Fault | undefined): LifeRecord =>
  record.fault !== undefined || fault === undefined ? record : { ...record, fault };

/** Brings the stage up to date with the rest. */
function staged(record: LifeRecord, now: number, limits: Deadlines): LifeRecord {
  const stage = stageOf(record);
  if (stage === record.stage) return record;
  const pause = Math.min(limits.pairingRefreshMs * 2 ** record.refreshes, limits.pairingRefreshMaxMs);
  return {
    ...record,
    stage,
    stageSince: now,
    ...(stage === 'idle' ? { pairingRefreshAt: now + pause, hasCode: false } : {}),
    // A fresh connection starts with the proof that it was made.
    ...(stage === 'ready' ? { roundTrip: { ...record.roundTrip, missed: false, provenAt: now } } : {}),
  };
}

function withFacts(record: LifeRecord, facts: PageFacts): LifeRecord {
  const linkedHere = record.linkedHere || facts.socket === 'PAIRING';
  return withFault(
    { ...record, facts, linkedHere },
    facts.socket === undefined ? undefined : faultOfSocket(facts.socket),
  );
}

/** The page answered how it is. */
export const observed = (record: LifeRecord, facts: PageFacts, now: number, limits: Deadlines): LifeRecord =>
  staged(withFacts({ ...record, probe: { open: false, misses: 0, lastAt: now } }, facts), now, limits);

const RUNNING: PageFacts = {
  running: true,
  version: undefined,
  socket: undefined,
  hasSynced: false,
  dismissed: [],
};

const proven = (record: LifeRecord, now: number): LifeRecord => ({
  ...record,
  silentSince: undefined,
  roundTrip: { ...record.roundTrip, missed: false, provenAt: now },
});

/** Something happened in worker, library or page. */
export function noted(record: LifeRecord, event: WorkerEvent, now: number, limits: Deadlines): LifeRecord {
  return staged(note(record, event, now), now, limits);
}

const fault = (reason: Fault['reason'], detail: string, next: Fault['next']): Fault => ({
  reason,
  detail: firstLine(detail),
  next,
});

function note(record: LifeRecord, event: WorkerEvent, now: number): LifeRecord {
  switch (event.kind) {
    case 'beat':
      return { ...record, beatAt: now };
    case 'opened':
      return { ...record, opened: true, browser: event.browser };
    case 'sync-progress':
      return record.stage === 'syncing' ? { ...record, stageSince: now } : record;
    case 'qr':
    case 'code':
      return withFacts(
        {
          ...record,
          codeSeen: true,
          linkedHere: true,
          hasCode: record.hasCode || event.kind === 'code',
        },
        { ...(record.facts ?? RUNNING), running: true, socket: 'UNPAIRED' },
      );
    case 'ready':
      // Asked at once, so that nothing waits for the next turn.
      return {
        ...record,
        ready: true,
        account: event.account ?? record.account,
        probe: { ...record.probe, lastAt: Number.NEGATIVE_INFINITY },
      };
    case 'socket':
      return withFacts(record, {
        ...(record.facts ?? RUNNING),
        running: true,
        socket: event.socket,
        hasSynced: event.hasSynced,
      });
    case 'ack':
      return event.ack >= 1 ? proven(record, now) : record;
    case 'message':
      return event.message.fromMe ? record : proven(record, now);
    case 'inbound':
      return proven(record, now);
    case 'page-error':
      return { ...record, pageError: firstLine(event.error) };
    default:
      return withFault(event.kind === 'loaded' ? { ...record, loaded: true } : record, faultOf(event));
  }
}

type FaultEvent = Extract<
  WorkerEvent,
  {
    kind:
      | 'document'
      | 'loaded'
      | 'page-crashed'
      | 'page-closed'
      | 'browser-gone'
      | 'start-failed'
      | 'unhandled'
      | 'storage-full'
      | 'logged-out';
  }
>;

function faultOf(event: FaultEvent): Fault | undefined {
  switch (event.kind) {
    case 'document':
      return event.status >= 400
        ? fault('page_unreachable', `the page was answered with HTTP ${event.status}`, 'gentle')
        : undefined;
    case 'loaded':
      if (event.loggedOut) return fault('logged_out', 'the page went to where a logout leads', 'log-out');
      return event.number > 1 ? fault('navigation', 'the page loaded anew', 'counted') : undefined;
    case 'page-crashed':
      return fault('renderer_crashed', event.detail, 'counted');
    case 'page-closed':
      return fault('renderer_crashed', 'the page was closed', 'counted');
    case 'browser-gone':
      return fault('browser_crashed', 'the connection to the browser ended', 'counted');
    case 'start-failed':
      return faultOfStart(event.error);
    case 'unhandled':
      return goneMeanwhile(event.error) ? undefined : fault('engine_crashed', event.error, 'counted');
    case 'storage-full':
      return fault('storage_error', event.error, 'gentle');
    case 'logged-out':
      return fault('logged_out', 'the account was unlinked', 'log-out');
  }
}

export const probeSent = (record: LifeRecord, now: number): LifeRecord => ({
  ...record,
  probe: { ...record.probe, open: true, lastAt: now },
});

/** The page did not answer in time (`missed`), or with an error, which proves that it is alive. */
export const probeFailed = (record: LifeRecord, missed: boolean): LifeRecord => ({
  ...record,
  probe: { ...record.probe, open: false, misses: missed ? record.probe.misses + 1 : 0 },
});

export const roundTripSent = (record: LifeRecord, now: number): LifeRecord => ({
  ...record,
  roundTrip: { ...record.roundTrip, sentAt: now },
});

/** `answered`: something came from WhatsApp. `unasked`: it could not be asked. `missed`: nothing came in time. */
export function roundTripEnded(
  record: LifeRecord,
  how: 'answered' | 'unasked' | 'missed',
  now: number,
): LifeRecord {
  const closed: LifeRecord = { ...record, roundTrip: { ...record.roundTrip, sentAt: undefined } };
  switch (how) {
    case 'answered':
      return proven(closed, now);
    case 'unasked':
      // No proof either way: asked again after the usual pause, and a silent connection stays silent.
      return { ...closed, roundTrip: { ...closed.roundTrip, provenAt: now } };
    case 'missed': {
      // Something else may have come through meanwhile.
      const missed = record.roundTrip.provenAt <= (record.roundTrip.sentAt ?? now);
      return { ...closed, roundTrip: { ...closed.roundTrip, missed } };
    }
  }
}

/** The connection carries nothing; the page was told to make another. */
export const silenced = (record: LifeRecord, now: number): LifeRecord => ({
  ...record,
  silentSince: now,
  roundTrip: { ...record.roundTrip, missed: false },
});

export const refreshed = (record: LifeRecord, now: number, limits: Deadlines): LifeRecord => ({
  ...record,
  refreshes: record.refreshes + 1,
  pairingRefreshAt:
    now + Math.min(limits.pairingRefreshMs * 2 ** (record.refreshes + 1), limits.pairingRefreshMaxMs),
});
