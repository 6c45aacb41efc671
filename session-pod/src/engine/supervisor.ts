import type { Deadlines } from './deadlines.ts';
import type { Fault } from './faults.ts';

/**
 * What to do now, decided from what is seen. Pure: every time in it is of one clock that stands still while the
 * process itself does not run, so that a paused machine is not taken for a frozen page.
 */
export interface Observation {
  /** Undefined while there is no browser. */
  readonly life: LifeView | undefined;
  /** When the next browser may begin. */
  readonly nextLifeAt: number;
  /** How long a page may try by itself to reach WhatsApp. */
  readonly outagePatience: number;
}

/** How far a page has come. */
export type Stage =
  /** The browser starts; the library has no page yet. */
  | 'launching'
  /** The page's address was asked for, and its HTML is not there. */
  | 'loading'
  /** The HTML is there, its program does not run yet. */
  | 'booting'
  /** The program runs and has no connection to WhatsApp. */
  | 'opening'
  /** Shows a code to link with. */
  | 'unlinked'
  /** The codes to link with ran out. */
  | 'idle'
  /** Linked, fetching what it missed. */
  | 'syncing'
  /** Has synced, and the library did not notice yet. */
  | 'synced'
  /** The library is ready and the page connected. */
  | 'ready';

/** One browser with its page and worker, as far as it is known. */
export interface LifeView {
  /** The first fault that was told; everything after it is its echo. */
  readonly fault: Fault | undefined;
  readonly stage: Stage;
  readonly stageSince: number;
  /** When the worker thread last said that its loop turns. */
  readonly beatAt: number;
  readonly probe: { readonly open: boolean; readonly misses: number; readonly lastAt: number };
  /** `sentAt`: of the question that is open. `provenAt`: when something last came from WhatsApp. */
  readonly roundTrip: {
    readonly sentAt: number | undefined;
    readonly missed: boolean;
    readonly provenAt: number;
  };
  /** Since when the connection is known to carry nothing. */
  readonly silentSince: number | undefined;
  /** The event that makes the library ready was told to it a second time. */
  readonly rescued: boolean;
  /** Modules that the library needs and the page lacks, once looked for. */
  readonly missingModules: readonly string[];
  /** Linked in this life: the registration may not be on the disk. */
  readonly linkedHere: boolean;
  /** The page is being given a file, which may keep it from answering. */
  readonly busy: boolean;
  /** When fresh codes to link with may be fetched. */
  readonly pairingRefreshAt: number;
}

export type Decision =
  | { readonly do: 'wait' }
  | { readonly do: 'begin-life' }
  | { readonly do: 'end-life'; readonly fault: Fault }
  | { readonly do: 'probe' }
  | { readonly do: 'round-trip' }
  | { readonly do: 'rescue-ready' }
  | { readonly do: 'reconnect'; readonly detail: string }
  | { readonly do: 'refresh-pairing' };

type Policy = (life: LifeView, now: number, limits: Deadlines, patience: number) => Decision | undefined;

const end = (reason: Fault['reason'], detail: string, next: Fault['next']): Decision => ({
  do: 'end-life',
  fault: { reason, detail, next },
});

const toldFault: Policy = ({ fault }) => (fault === undefined ? undefined : { do: 'end-life', fault });

const workerHangs: Policy = ({ beatAt }, now, { heartbeatLimitMs }) =>
  now - beatAt > heartbeatLimitMs
    ? end('engine_hung', `the worker thread was silent for ${now - beatAt} ms`, 'counted')
    : undefined;

const pageHangs: Policy = ({ probe, busy }, _now, { probeMisses, busyProbeMisses }) =>
  probe.misses >= (busy ? busyProbeMisses : probeMisses)
    ? end('engine_hung', `the page left ${probe.misses} questions unanswered`, 'counted')
    : undefined;

/** A stage that lasts too long, each with its own consequence. */
const stageOverdue: Policy = (life, now, limits, patience) => {
  const lasted = now - life.stageSince;
  switch (life.stage) {
    case 'launching':
      return lasted > limits.launchMs
        ? end('startup_timeout', 'the browser brought up no page in time', 'counted')
        : undefined;
    case 'loading':
      return lasted > limits.loadMs
        ? end('page_unreachable', 'the page was asked for and did not come', 'gentle')
        : undefined;
    case 'booting':
      return lasted > limits.bootMs
        ? end('page_unreachable', "the page's program did not start", 'gentle')
        : undefined;
    case 'opening':
      return lasted > patience
        ? end('socket_lost', `no connection to WhatsApp for ${lasted} ms`, 'outage')
        : undefined;
    case 'syncing':
      return lasted > limits.syncMs
        ? end('startup_timeout', 'linked, and no progress of the synchronisation', 'counted')
        : undefined;
    case 'synced':
      return syncedOverdue(life, lasted, limits);
    case 'idle':
      return now >= life.pairingRefreshAt ? { do: 'refresh-pairing' } : undefined;
    case 'unlinked':
    case 'ready':
      return undefined;
  }
};

function syncedOverdue(life: LifeView, lasted: number, { readyMs }: Deadlines): Decision | undefined {
  if (lasted <= readyMs) return undefined;
  if (life.missingModules.length > 0) {
    return end('page_incompatible', `the page lacks ${life.missingModules.join(', ')}`, 'gentle');
  }
  if (!life.rescued) return { do: 'rescue-ready' };
  return lasted > 2 * readyMs ? end('startup_timeout', 'synced, and never ready', 'counted') : undefined;
}

/** A new link is put on the disk by one clean close; until then it is not called Connected. */
const unsettled: Policy = (life, now, { settleMs }) =>
  life.stage === 'ready' && life.linkedHere && now - life.stageSince >= settleMs
    ? end('progress', 'closing the browser once, so that the new registration is on the disk', 'settle')
    : undefined;

const silence: Policy = (life, now, { silentMs }) => {
  if (life.silentSince === undefined) {
    return life.roundTrip.missed && life.stage === 'ready'
      ? { do: 'reconnect', detail: 'the connection stands and carries nothing' }
      : undefined;
  }
  return life.stage === 'ready' && now - life.silentSince > silentMs
    ? end('socket_silent', 'reconnected, and nothing comes through', 'outage')
    : undefined;
};

const roundTripDue: Policy = (life, now, { roundTripIntervalMs }) => {
  if (life.stage !== 'ready' || life.roundTrip.sentAt !== undefined) return undefined;
  const due = life.silentSince !== undefined || now - life.roundTrip.provenAt >= roundTripIntervalMs;
  return due ? { do: 'round-trip' } : undefined;
};

const probeDue: Policy = (life, now, limits) => {
  if (life.probe.open || life.stage === 'launching') return undefined;
  const pause = life.stage === 'ready' ? limits.probeIntervalMs : limits.eagerProbeIntervalMs;
  return now - life.probe.lastAt >= pause ? { do: 'probe' } : undefined;
};

/** The first that has something to say decides: what was told, what hangs, what is late, what is due. */
const policies: readonly Policy[] = [
  toldFault,
  workerHangs,
  pageHangs,
  stageOverdue,
  unsettled,
  silence,
  roundTripDue,
  probeDue,
];

export function decide(seen: Observation, now: number, limits: Deadlines): Decision {
  const { life } = seen;
  if (life === undefined) return now >= seen.nextLifeAt ? { do: 'begin-life' } : { do: 'wait' };
  for (const policy of policies) {
    const decision = policy(life, now, limits, seen.outagePatience);
    if (decision !== undefined) return decision;
  }
  return { do: 'wait' };
}
