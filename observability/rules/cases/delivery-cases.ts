import { type AlertCase, connected, counting, SALES, sales, timeline } from './alert-case.ts';

const ended = (status: string): string => `whatsapp_outbox_ended_total{${SALES},status="${status}"}`;
const outcome = (code: string): string => `whatsapp_outbox_outcomes_total{${SALES},code="${code}"}`;
const acks = 'whatsapp_send_ack_seconds';
const shop = { namespace: 'shop' } as const;
const waiting = (status: string): string => `whatsapp_outbox_messages{${SALES},status="${status}"}`;

export const deliveryCases: readonly AlertCase[] = [
  {
    alert: 'WhatsAppOutboxOld',
    series: {
      ...connected(80),
      [`whatsapp_outbox_oldest_seconds{${SALES}}`]: '0+60x39 0+0x39',
    },
    quietAt: 18,
    firesAt: 30,
    overAt: 41,
    labels: sales,
    summary: 'A message of shop/sales does not leave although it is connected',
    description:
      'The oldest message in the outbox of shop/sales has waited for 30m 0s, and the session is connected: it is stuck, or more comes in than may leave.',
  },
  {
    alert: 'WhatsAppOutboxNearExpiry',
    series: { [`whatsapp_outbox_oldest_seconds{${SALES}}`]: '42000+60x39 0+0x39' },
    quietAt: 10,
    firesAt: 30,
    overAt: 41,
    labels: sales,
    summary: 'Messages of shop/sales will soon be given up',
    description:
      'The oldest message in the outbox of shop/sales has waited for 12h 10m 0s; with the default settings a message is given up after 24 hours.',
  },
  {
    alert: 'WhatsAppOutboxGrowing',
    series: {
      ...connected(150),
      [waiting('queued')]: '0+10x59 600-20x29 0+0x60',
      [waiting('sending')]: timeline([4, 150]),
    },
    quietAt: 20,
    firesAt: 40,
    overAt: 85,
    labels: sales,
    summary: 'The outbox of shop/sales grows',
    description:
      '404 messages wait in the outbox of shop/sales, and it has grown for half an hour: more is accepted than the session sends.',
  },
  {
    alert: 'WhatsAppOutboxRefusing',
    series: { [`whatsapp_outbox_accepting{${SALES}}`]: timeline([1, 10], [0, 20], [1, 10]) },
    quietAt: 11,
    firesAt: 15,
    overAt: 30,
    labels: sales,
    summary: 'WhatsApp session shop/sales refuses new messages',
    description:
      'shop/sales answers requests to send with an error, because its volume is nearly full or its outbox is.',
  },
  {
    alert: 'WhatsAppDeliveryErrorsFast',
    series: {
      [ended('sent')]: counting([9, 240]),
      [outcome('attempts_exhausted')]: counting([0, 60], [1, 60], [0, 120]),
      [outcome('not_on_whatsapp')]: counting([0, 240]),
    },
    quietAt: 60,
    firesAt: 110,
    overAt: 130,
    labels: shop,
    summary: 'Messages of shop are given up',
    description:
      '8.475% of the messages of namespace shop that ended within the last hour were not sent, through no fault of their senders; 0.1 % would be within the objective.',
  },
  {
    alert: 'WhatsAppDeliveryErrorsSlow',
    series: {
      [ended('sent')]: counting([80, 700]),
      [outcome('expired')]: counting([0, 360], [1, 240], [0, 100]),
    },
    quietAt: 420,
    firesAt: 590,
    overAt: 640,
    labels: shop,
    summary: 'Messages of shop are given up',
    description:
      '0.7923% of the messages of namespace shop that ended within the last 6 hours were not sent, through no fault of their senders; 0.1 % would be within the objective.',
    instead: ['WhatsAppDeliveryErrorsFast'],
  },
  {
    alert: 'WhatsAppAcksLateFast',
    series: {
      [`${acks}_bucket{${SALES},ack="server",le="30"}`]: counting([10, 60], [5, 60], [10, 120]),
      [`${acks}_count{${SALES},ack="server"}`]: counting([10, 240]),
    },
    quietAt: 61,
    firesAt: 110,
    overAt: 130,
    labels: shop,
    summary: 'Messages of shop leave late',
    description:
      "41.67% of the messages that left namespace shop within the last hour needed more than 30 seconds from acceptance to WhatsApp's acknowledgement; 1 % would be within the objective.",
  },
  {
    alert: 'WhatsAppAcksLateSlow',
    series: {
      [`${acks}_bucket{${SALES},ack="server",le="30"}`]: counting([100, 360], [89, 240], [100, 100]),
      [`${acks}_count{${SALES},ack="server"}`]: counting([100, 700]),
    },
    quietAt: 420,
    firesAt: 590,
    overAt: 640,
    labels: shop,
    summary: 'Messages of shop leave late',
    description:
      "7.028% of the messages that left namespace shop within the last 6 hours needed more than 30 seconds from acceptance to WhatsApp's acknowledgement; 1 % would be within the objective.",
    instead: ['WhatsAppAcksLateFast'],
  },
  {
    alert: 'WhatsAppRetriesUp',
    series: {
      [`whatsapp_send_attempts_total{${SALES},outcome="inserted"}`]: counting([3, 120]),
      [`whatsapp_send_attempts_total{${SALES},outcome="timeout"}`]: counting([0, 30], [1, 30], [0, 60]),
      [`whatsapp_send_retries_total{${SALES},reason="absent"}`]: counting([0, 30], [1, 30], [0, 60]),
    },
    quietAt: 40,
    firesAt: 60,
    overAt: 95,
    labels: sales,
    summary: 'Many messages of shop/sales need more than one attempt',
    description:
      '25% of the attempts of shop/sales within half an hour were repetitions. Nothing is doubled by them, but everything takes longer.',
  },
  {
    alert: 'WhatsAppUnknownOutcomes',
    series: { [ended('unknown')]: '0+0x9 3+0x140' },
    quietAt: 9,
    firesAt: 20,
    overAt: 75,
    labels: sales,
    summary: 'It is unknown whether messages of shop/sales were sent',
    description:
      '3 messages of shop/sales were given up within an hour without proof that they left or that they did not. Their senders see the status unknown and have to decide.',
  },
];
