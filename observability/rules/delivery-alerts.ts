import { BY_SESSION, ON_SESSION, SESSION_NAME } from './labels.ts';
import { FAILED_DELIVERIES, LATE_ACK, series } from './recording.ts';
import { type Alert, HOUR, MINUTE, type Pace } from './rule.ts';

/** Messages that do not leave, leave late, or end in a way that their sender has to know of. */

/**
 * Objectives, as in the Google SRE workbook's alerts on burn rates: 14.4 times the budget over an hour uses 2 % of a
 * month's, 6 times over six hours 5 %. The short window lets the alert end soon after its cause.
 */
const OBJECTIVES = {
  /** Of messages that may not fail through no fault of their sender. */
  delivery: 0.001,
  /** Of acknowledgements that may be late. */
  acks: 0.01,
} as const;
const BURNS = [
  {
    suffix: 'Fast',
    severity: 'critical',
    factor: 14.4,
    long: HOUR,
    short: 5 * MINUTE,
    forSeconds: 2 * MINUTE,
  },
  {
    suffix: 'Slow',
    severity: 'warning',
    factor: 6,
    long: 6 * HOUR,
    short: 30 * MINUTE,
    forSeconds: 15 * MINUTE,
  },
] as const;
/** So few messages say nothing about a share. */
const LEAST_MESSAGES = 10;

/** Half of the time that a message gets by default. */
const NEAR_EXPIRY = 12 * HOUR;

const hours = (seconds: number): string => (seconds === HOUR ? 'hour' : `${seconds / HOUR} hours`);

export function deliveryAlerts(at: Pace): readonly Alert[] {
  return [...outboxAlerts(at), ...burnAlerts(at), ...outcomeAlerts(at)];
}

const outboxAlerts = ({ span, limit }: Pace): readonly Alert[] => {
  const waiting = `sum ${BY_SESSION} (whatsapp_outbox_messages{status=~"queued|sending"})`;
  return [
    {
      alert: 'WhatsAppOutboxOld',
      severity: 'warning',
      forSeconds: 5 * MINUTE,
      expr: `max ${BY_SESSION} (whatsapp_outbox_oldest_seconds) > ${limit(15 * MINUTE)} and ${ON_SESSION} ${series.connected} == 1`,
      summary: `A message of ${SESSION_NAME} does not leave although it is connected`,
      description: `The oldest message in the outbox of ${SESSION_NAME} has waited for {{ $value | humanizeDuration }}, and the session is connected: it is stuck, or more comes in than may leave.`,
    },
    {
      alert: 'WhatsAppOutboxNearExpiry',
      severity: 'critical',
      forSeconds: 0,
      expr: `max ${BY_SESSION} (whatsapp_outbox_oldest_seconds) > ${limit(NEAR_EXPIRY)}`,
      summary: `Messages of ${SESSION_NAME} will soon be given up`,
      description: `The oldest message in the outbox of ${SESSION_NAME} has waited for {{ $value | humanizeDuration }}; with the default settings a message is given up after 24 hours.`,
    },
    {
      alert: 'WhatsAppOutboxGrowing',
      severity: 'warning',
      forSeconds: 15 * MINUTE,
      expr: `${waiting} > 100
and ${ON_SESSION} sum ${BY_SESSION} (deriv(whatsapp_outbox_messages{status="queued"}[${span(30 * MINUTE)}])) > 0
and ${ON_SESSION} ${series.connected} == 1`,
      summary: `The outbox of ${SESSION_NAME} grows`,
      description: `{{ $value | printf "%.0f" }} messages wait in the outbox of ${SESSION_NAME}, and it has grown for half an hour: more is accepted than the session sends.`,
    },
    {
      alert: 'WhatsAppOutboxRefusing',
      severity: 'critical',
      forSeconds: 2 * MINUTE,
      expr: `max ${BY_SESSION} (whatsapp_outbox_accepting) == 0`,
      summary: `WhatsApp session ${SESSION_NAME} refuses new messages`,
      description: `${SESSION_NAME} answers requests to send with an error, because its volume is nearly full or its outbox is.`,
    },
  ];
};

const burnAlerts = ({ span }: Pace): readonly Alert[] =>
  BURNS.flatMap(({ suffix, severity, factor, long, short, forSeconds }) => {
    const within = (selector: string) => `sum by (namespace) (increase(${selector}[${span(long)}]))`;
    const burns = (of: (seconds: number) => string, budget: number) => {
      const share = Number((factor * budget).toPrecision(6));
      return `${of(long)} > ${share} and on (namespace) ${of(short)} > ${share}`;
    };
    return [
      {
        alert: `WhatsAppDeliveryErrors${suffix}`,
        severity,
        forSeconds,
        expr: `${burns(series.deliveryErrors, OBJECTIVES.delivery)}
and on (namespace)
  ${within(`whatsapp_outbox_outcomes_total{code=~"${FAILED_DELIVERIES}"}`)} + ${within('whatsapp_outbox_ended_total{status="sent"}')} >= ${LEAST_MESSAGES}`,
        summary: 'Messages of {{ $labels.namespace }} are given up',
        description: `{{ $value | humanizePercentage }} of the messages of namespace {{ $labels.namespace }} that ended within the last ${hours(long)} were not sent, through no fault of their senders; ${OBJECTIVES.delivery * 100} % would be within the objective.`,
      },
      {
        alert: `WhatsAppAcksLate${suffix}`,
        severity,
        forSeconds,
        expr: `${burns(series.slowAcks, OBJECTIVES.acks)}
and on (namespace)
  ${within('whatsapp_send_ack_seconds_count{ack="server"}')} >= ${LEAST_MESSAGES}`,
        summary: 'Messages of {{ $labels.namespace }} leave late',
        description: `{{ $value | humanizePercentage }} of the messages that left namespace {{ $labels.namespace }} within the last ${hours(long)} needed more than ${LATE_ACK} seconds from acceptance to WhatsApp's acknowledgement; ${OBJECTIVES.acks * 100} % would be within the objective.`,
      },
    ];
  });

const outcomeAlerts = ({ span }: Pace): readonly Alert[] => {
  const total = (selector: string, seconds: number) =>
    `sum ${BY_SESSION} (increase(${selector}[${span(seconds)}]))`;
  const retries = total('whatsapp_send_retries_total', 30 * MINUTE);
  return [
    {
      alert: 'WhatsAppRetriesUp',
      severity: 'warning',
      forSeconds: 5 * MINUTE,
      expr: `${retries} / ${total('whatsapp_send_attempts_total', 30 * MINUTE)} > 0.2
and ${ON_SESSION} ${retries} > 5`,
      summary: `Many messages of ${SESSION_NAME} need more than one attempt`,
      description: `{{ $value | humanizePercentage }} of the attempts of ${SESSION_NAME} within half an hour were repetitions. Nothing is doubled by them, but everything takes longer.`,
    },
    {
      alert: 'WhatsAppUnknownOutcomes',
      severity: 'warning',
      forSeconds: 0,
      expr: `${total('whatsapp_outbox_ended_total{status="unknown"}', HOUR)} > 0.5`,
      summary: `It is unknown whether messages of ${SESSION_NAME} were sent`,
      description: `{{ $value | printf "%.0f" }} messages of ${SESSION_NAME} were given up within an hour without proof that they left or that they did not. Their senders see the status unknown and have to decide.`,
    },
  ];
};
