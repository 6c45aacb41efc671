import { deliveryOutcome, eventType, messageStatus, type Stats } from '@whatsapp-operator/api/session';
import type { InboxStats } from './inbox/index.ts';
import type { OutboxStats } from './outbox/index.ts';
import type { CounterFamily } from './store/index.ts';
import type { WebhookState } from './webhooks/index.ts';

/** Where the accounts come from; all of it is read at the same moment. */
export interface StatsSources {
  readonly families: readonly CounterFamily[];
  readonly inbox: InboxStats & { readonly logId: string };
  readonly outbox: OutboxStats;
  readonly webhooks: readonly WebhookState[];
}

/** The accounts, and whether they add up. Pure. */
export function describeStats({ families, inbox, outbox, webhooks }: StatsSources): Stats {
  const sum = (name: string, wanted: Readonly<Record<string, string>> = {}): number =>
    (families.find((family) => family.name === name)?.samples ?? [])
      .filter(({ labels }) => Object.entries(wanted).every(([label, value]) => labels[label] === value))
      .reduce((total, { value }) => total + value, 0);
  const by = <T extends string>(options: readonly T[], read: (option: T) => number): Record<T, number> =>
    Object.fromEntries(options.map((option) => [option, read(option)])) as Record<T, number>;

  const accepted = sum('whatsapp_outbox_accepted_total');
  const sent = sum('whatsapp_outbox_ended_total', { status: 'sent' });
  const givenUp = sum('whatsapp_outbox_ended_total') - sent;
  const corrected = sum('whatsapp_outbox_corrected_total');
  const open = outbox.byStatus.queued + outbox.byStatus.sending;
  const byType = by(eventType.options, (type) => sum('whatsapp_inbox_events_total', { type }));
  const checks = [
    {
      what: 'messages accepted = open + ended',
      expected: accepted,
      counted: open + sent + givenUp - corrected,
    },
    {
      what: 'events written = id of the newest',
      expected: inbox.last,
      counted: sum('whatsapp_inbox_events_total'),
    },
    {
      what: 'inbound messages = message events',
      expected: byType.message,
      counted: sum('whatsapp_inbound_messages_total'),
    },
    {
      what: 'events delivered = times of delivery',
      expected: sum('whatsapp_webhook_deliveries_total', { outcome: 'delivered' }),
      counted: (families.find(({ name }) => name === 'whatsapp_webhook_delay_seconds')?.samples ?? [])
        .filter(({ name }) => name.endsWith('_count'))
        .reduce((total, { value }) => total + value, 0),
    },
  ];
  return {
    events: {
      logId: inbox.logId,
      first: inbox.first,
      last: inbox.last,
      bytes: inbox.bytes,
      oldestAt: iso(inbox.oldestAt),
      byType,
      lost: sum('whatsapp_inbox_events_lost_total'),
      chatsToRead: inbox.backlog,
      settledAt: iso(inbox.settledAt),
    },
    outbox: {
      accepted,
      onRecord: by(messageStatus.options, (status) => outbox.byStatus[status]),
      sent,
      givenUp,
      corrected,
    },
    webhooks: {
      deliveries: by(deliveryOutcome.options, (outcome) =>
        sum('whatsapp_webhook_deliveries_total', { outcome }),
      ),
      pending: webhooks.reduce((total, { pending }) => total + pending, 0),
      deadLetters: webhooks.reduce((total, { dead }) => total + dead, 0),
    },
    checks,
    balanced: checks.every(({ expected, counted }) => expected === counted),
  };
}

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
