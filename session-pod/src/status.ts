import type { Session, Status } from '@whatsapp-operator/api/session';
import type { Engine } from './engine/engine.ts';
import type { OutboxStats } from './outbox/index.ts';
import type { LastDisconnect } from './store/index.ts';

/** Where the status comes from; everything is read when it is asked for. */
export interface StatusSources {
  readonly sessionName: string;
  readonly engine: Pick<Engine, 'snapshot'>;
  readonly outbox: { readonly stats: () => OutboxStats };
  readonly store: {
    readonly lastDisconnect: LastDisconnect | undefined;
    readonly counters: { readonly total: (counter: 'engineRestarts' | 'uncleanStops') => number };
  };
  /** Milliseconds since 1970. */
  readonly processStartedAt: number;
  readonly now: () => number;
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | undefined): string | null => (at === undefined ? null : iso(at));

/** What `/status` tells. Carries nothing that could be used to link or to send. */
export function describeStatus({
  sessionName,
  engine: { snapshot },
  outbox,
  store,
  processStartedAt,
  now,
}: StatusSources): Status {
  const { lastTransition, account, versions } = snapshot;
  const { lastDisconnect } = store;
  return {
    session: sessionName,
    state: snapshot.state,
    reason: lastTransition.reason,
    detail: lastTransition.detail,
    since: iso(lastTransition.at),
    live: snapshot.live,
    account:
      account === undefined
        ? null
        : { id: account.id, name: account.name ?? null, platform: account.platform ?? null },
    registrationDurable: snapshot.registrationDurable,
    connectedSince: isoOrNull(snapshot.connectedSince),
    lastDisconnect:
      lastDisconnect === undefined ? null : { reason: lastDisconnect.reason, at: iso(lastDisconnect.at) },
    versions: {
      engine: versions.engine,
      browser: versions.browser ?? null,
      whatsappWeb: versions.whatsappWeb ?? null,
    },
    outbox: describeOutbox(outbox.stats(), now()),
    restarts: {
      engine: store.counters.total('engineRestarts'),
      uncleanStops: store.counters.total('uncleanStops'),
      processStartedAt: iso(processStartedAt),
    },
  };
}

function describeOutbox({ byStatus, oldestOpenAt, accepting }: OutboxStats, now: number): Status['outbox'] {
  return {
    queued: byStatus.queued,
    sending: byStatus.sending,
    unknown: byStatus.unknown,
    oldestSeconds: oldestOpenAt === undefined ? null : Math.max(0, (now - oldestOpenAt) / 1000),
    accepting,
  };
}

/** What the API tells of the session: the status, and by which kind of code it waits to be linked. */
export function describeSession(sources: StatusSources): Session {
  const { pairing } = sources.engine.snapshot;
  return {
    ...describeStatus(sources),
    pairing: pairing === undefined ? null : { method: pairing.method, since: iso(pairing.since) },
  };
}
