import { type AlertCase, counting, SALES, sales, timeline } from './alert-case.ts';

const GIB = 2 ** 30;
const size = `whatsapp_data_size_bytes{${SALES}}`;
const free = `whatsapp_data_free_bytes{${SALES}}`;
const deliveries = (outcome: string): string =>
  `whatsapp_webhook_deliveries_total{${SALES},outcome="${outcome}"}`;

/** Volume, memory, webhooks. */
export const resourceCases: readonly AlertCase[] = [
  {
    alert: 'WhatsAppVolumeFilling',
    series: {
      [size]: timeline([GIB, 900]),
      [free]: `${0.6 * GIB}-${GIB / 1000}x299 ${0.9 * GIB}+0x600`,
    },
    quietAt: 205,
    firesAt: 280,
    overAt: 301,
    labels: sales,
    summary: 'The volume of shop/sales will be full within a day',
    description:
      '32% of the volume of shop/sales are free, and at the pace of the last six hours none will be within a day. A session whose volume is full refuses messages.',
    instead: ['WhatsAppVolumeNearlyFull'],
  },
  {
    alert: 'WhatsAppVolumeNearlyFull',
    series: { [size]: timeline([GIB, 60]), [free]: timeline([GIB / 2, 10], [GIB / 20, 20], [GIB / 2, 30]) },
    quietAt: 12,
    firesAt: 20,
    overAt: 31,
    labels: sales,
    summary: 'The volume of shop/sales is nearly full',
    description: '5% of the volume of shop/sales are free. A session whose volume is full refuses messages.',
  },
  {
    alert: 'WhatsAppMemoryNearLimit',
    series: {
      [`whatsapp_container_memory_limit_bytes{${SALES}}`]: timeline([GIB, 90]),
      [`whatsapp_container_memory_working_set_bytes{${SALES}}`]: timeline(
        [GIB / 2, 10],
        [GIB * 0.95, 40],
        [GIB / 2, 40],
      ),
    },
    quietAt: 20,
    firesAt: 30,
    overAt: 51,
    labels: sales,
    summary: 'WhatsApp session shop/sales is close to its memory limit',
    description:
      'shop/sales uses 95% of the memory that its container may have. At the limit the kernel ends it, and it starts anew.',
  },
  {
    alert: 'WhatsAppWebhookDeadLetters',
    series: { [`whatsapp_webhook_dead_letters_total{${SALES}}`]: '0+0x9 2+0x140' },
    quietAt: 9,
    firesAt: 20,
    overAt: 75,
    labels: sales,
    summary: 'Events of shop/sales were given up for a webhook',
    description:
      '2 events of shop/sales were given up within an hour, because a webhook did not take them for as long as it may try. They are kept, and can be delivered again.',
  },
  {
    alert: 'WhatsAppWebhookFailing',
    series: {
      [deliveries('delivered')]: counting([10, 20], [1, 40], [10, 60]),
      [deliveries('unavailable')]: counting([0, 20], [9, 40], [0, 60]),
    },
    quietAt: 30,
    firesAt: 55,
    overAt: 75,
    labels: sales,
    summary: 'A webhook of shop/sales does not take its events',
    description:
      '90% of the attempts within 15 minutes to deliver events of shop/sales failed. They are tried again; in time they become dead letters.',
  },
  {
    alert: 'WhatsAppWebhookLate',
    series: { [`whatsapp_webhook_oldest_pending_seconds{${SALES}}`]: '0+60x39 0+0x39' },
    quietAt: 18,
    firesAt: 30,
    overAt: 41,
    labels: sales,
    summary: 'Events of shop/sales wait for a webhook',
    description:
      'The oldest event of shop/sales that a webhook has not got has waited for 30m 0s. Everything behind it in its chat waits too.',
  },
  {
    alert: 'WhatsAppEventsLost',
    series: { [`whatsapp_inbox_events_lost_total{${SALES}}`]: '0+0x9 7+0x140' },
    quietAt: 9,
    firesAt: 20,
    overAt: 75,
    labels: sales,
    summary: 'Events of shop/sales were deleted before every webhook had them',
    description:
      '7 events of shop/sales were pruned within an hour, because its event log was full and a webhook had not taken them.',
  },
];
