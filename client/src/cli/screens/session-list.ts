import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import { printable, type Row, table } from '../table.ts';
import { ageOf } from '../time.ts';

/** The sessions of a cluster as a table: pure. */

export const readyOf = ({ status }: WhatsAppSession) =>
  status?.conditions?.find(({ type }) => type === 'Ready');

export function sessionList(
  sessions: readonly WhatsAppSession[],
  allNamespaces: boolean,
  now: number,
): string {
  const rows = sessions.map((session): Row => {
    const { metadata, status } = session;
    const ready = readyOf(session);
    return [
      ...(allNamespaces ? [metadata.namespace] : []),
      metadata.name,
      status?.phase ?? 'Pending',
      ready?.status ?? 'Unknown',
      ready === undefined || ready.status === 'True' ? '' : ready.reason,
      accountOf(session),
      String(status?.restarts?.count ?? 0),
      ageOf(metadata.creationTimestamp, now),
    ];
  });
  const header = ['NAME', 'PHASE', 'READY', 'REASON', 'ACCOUNT', 'RESTARTS', 'AGE'];
  return table(allNamespaces ? ['NAMESPACE', ...header] : header, rows);
}

export function accountOf({ status }: WhatsAppSession): string {
  const { account } = status ?? {};
  return account === undefined ? '-' : printable(account.id.replace(/@c\.us$/, ''));
}
