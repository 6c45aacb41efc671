import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import { cut, type Row, table } from '../table.ts';
import { ageOf, formatAge } from '../time.ts';
import { accountOf, readyOf } from './session-list.ts';
import type { Told } from './status.ts';

/** All sessions at a glance, those that need somebody first. Pure. */

export interface MonitoredSession {
  readonly resource: WhatsAppSession;
  /** Undefined when it has no pod, or does not answer. */
  readonly told: Told | undefined;
}

export interface MonitorModel {
  /** Which cluster and namespace. */
  readonly where: string;
  readonly sessions: readonly MonitoredSession[];
  readonly allNamespaces: boolean;
  /** Why what is shown may be old. */
  readonly trouble: string | undefined;
  readonly now: number;
  readonly columns: number;
}

export function monitorScreen(model: MonitorModel): string {
  const { sessions, allNamespaces, now, columns, trouble } = model;
  const header = [
    'NAME',
    'PHASE',
    'REASON',
    'ACCOUNT',
    'QUEUED',
    'SENDING',
    'OLDEST',
    'RESTARTS',
    'CONNECTED',
    'LAST LOST',
  ];
  const rows = [...sessions].sort(byNeed).map((session) => row(session, allNamespaces, now));
  const body = table(allNamespaces ? ['NAMESPACE', ...header] : header, rows)
    .split('\n')
    .map((line) => cut(line, columns));
  return [
    summary(model),
    ...(trouble === undefined ? [] : [`! ${cut(trouble, columns - 2)}`]),
    '',
    ...body,
  ].join('\n');
}

function summary({ where, sessions, now }: MonitorModel): string {
  const phases = Map.groupBy(sessions, ({ resource }) => resource.status?.phase ?? 'Pending');
  const counts = [...phases]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([phase, group]) => `${group.length} ${phase}`);
  const time = new Date(now).toISOString().slice(11, 19);
  return `${where}   ${sessions.length} sessions${counts.length === 0 ? '' : `: ${counts.join(', ')}`}   ${time} UTC`;
}

function row({ resource, told }: MonitoredSession, allNamespaces: boolean, now: number): Row {
  const { metadata, status } = resource;
  const ready = readyOf(resource);
  const outbox = told?.outbox;
  const oldest = outbox?.oldestSeconds ?? undefined;
  const lost = told?.lastDisconnect;
  return [
    ...(allNamespaces ? [metadata.namespace] : []),
    metadata.name,
    status?.phase ?? 'Pending',
    ready === undefined || ready.status === 'True' ? '-' : ready.reason,
    accountOf(resource),
    outbox === undefined ? '?' : String(outbox.queued),
    outbox === undefined ? '?' : String(outbox.sending),
    oldest === undefined ? '-' : formatAge(oldest * 1000),
    String(status?.restarts?.count ?? 0),
    ageOf(told?.connectedSince ?? status?.connectedSince, now),
    lost ? `${lost.reason} ${ageOf(lost.at, now)} ago` : '-',
  ];
}

const needsSomebody = ({ resource }: MonitoredSession): boolean => readyOf(resource)?.status !== 'True';

function byNeed(a: MonitoredSession, b: MonitoredSession): number {
  const need = Number(needsSomebody(b)) - Number(needsSomebody(a));
  if (need !== 0) return need;
  const nameOf = ({ resource: { metadata } }: MonitoredSession) => `${metadata.namespace}/${metadata.name}`;
  return nameOf(a) < nameOf(b) ? -1 : 1;
}
