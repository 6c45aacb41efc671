import { BY_SESSION, SESSION_NAME } from './labels.ts';
import { type Alert, HOUR, MINUTE, type Pace } from './rule.ts';

/** What came in and did not get to those who wait for it. */
export const webhookAlerts = ({ span, limit }: Pace): readonly Alert[] => {
  const total = (selector: string, seconds: number) =>
    `sum ${BY_SESSION} (increase(${selector}[${span(seconds)}]))`;
  const attempts = total('whatsapp_webhook_deliveries_total', 15 * MINUTE);
  return [
    {
      alert: 'WhatsAppWebhookDeadLetters',
      severity: 'critical',
      forSeconds: 0,
      expr: `${total('whatsapp_webhook_dead_letters_total', HOUR)} > 0.5`,
      summary: `Events of ${SESSION_NAME} were given up for a webhook`,
      description: `{{ $value | printf "%.0f" }} events of ${SESSION_NAME} were given up within an hour, because a webhook did not take them for as long as it may try. They are kept, and can be delivered again.`,
    },
    {
      alert: 'WhatsAppWebhookFailing',
      severity: 'warning',
      forSeconds: 10 * MINUTE,
      expr: `${total('whatsapp_webhook_deliveries_total{outcome!="delivered"}', 15 * MINUTE)} / ${attempts} > 0.5`,
      summary: `A webhook of ${SESSION_NAME} does not take its events`,
      description: `{{ $value | humanizePercentage }} of the attempts within 15 minutes to deliver events of ${SESSION_NAME} failed. They are tried again; in time they become dead letters.`,
    },
    {
      alert: 'WhatsAppWebhookLate',
      severity: 'warning',
      forSeconds: 5 * MINUTE,
      expr: `max ${BY_SESSION} (whatsapp_webhook_oldest_pending_seconds) > ${limit(15 * MINUTE)}`,
      summary: `Events of ${SESSION_NAME} wait for a webhook`,
      description: `The oldest event of ${SESSION_NAME} that a webhook has not got has waited for {{ $value | humanizeDuration }}. Everything behind it in its chat waits too.`,
    },
    {
      alert: 'WhatsAppEventsLost',
      severity: 'critical',
      forSeconds: 0,
      expr: `${total('whatsapp_inbox_events_lost_total', HOUR)} > 0.5`,
      summary: `Events of ${SESSION_NAME} were deleted before every webhook had them`,
      description: `{{ $value | printf "%.0f" }} events of ${SESSION_NAME} were pruned within an hour, because its event log was full and a webhook had not taken them.`,
    },
  ];
};
