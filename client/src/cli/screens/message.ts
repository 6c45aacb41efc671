import type { Message } from '../../generated/contract.ts';
import { fields, printable, table } from '../table.ts';
import { ageOf } from '../time.ts';

/** Messages for people: pure. */

export function messageList(messages: readonly Message[], now: number): string {
  return table(
    ['ID', 'TO', 'TYPE', 'STATUS', 'ATTEMPTS', 'AGE', 'REASON'],
    messages.map(({ id, to, type, status, attempts, acceptedAt, outcome }) => [
      id,
      to,
      type,
      status,
      String(attempts.length),
      ageOf(acceptedAt, now),
      outcome?.code ?? '',
    ]),
  );
}

/** One message with every attempt. */
export function messageScreen(message: Message): string {
  const {
    id,
    to,
    type,
    status,
    outcome,
    messageId,
    acceptedAt,
    expiresAt,
    sentAt,
    deliveredAt,
    readAt,
    attempts,
  } = message;
  const moments = Object.entries({
    accepted: acceptedAt,
    sent: sentAt,
    delivered: deliveredAt,
    read: readAt,
  });
  const rows: (readonly [string, string])[] = [
    ['To', to],
    ['Type', type],
    ['Status', status],
    ...(outcome === null ? [] : [['Why', `${outcome.code}: ${printable(outcome.detail)}`] as const]),
    ['At WhatsApp', messageId ?? '-'],
    ...moments.flatMap(([name, at]) => (at === null ? [] : [[capital(name), at] as const])),
    ...(sentAt === null ? [['Expires', expiresAt] as const] : []),
  ];
  const tries = table(
    ['ATTEMPT', 'WHY', 'BEGUN', 'OUTCOME', 'DETAIL'],
    attempts.map(({ number, reason, begunAt, outcome: came, detail }) => [
      String(number),
      reason,
      begunAt,
      came ?? 'running',
      printable(detail ?? ''),
    ]),
  );
  return [id, fields(rows), ...(attempts.length === 0 ? [] : ['', tries])].join('\n');
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
