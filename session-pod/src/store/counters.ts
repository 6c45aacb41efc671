import {
  attemptOutcome,
  attemptReason,
  deliveryOutcome,
  eventType,
  messageStatus,
  outcomeCode,
  transitionReason,
} from '@whatsapp-operator/api/session';
import type { Database } from './database.ts';

/** What is counted for ever. Names are those of the metrics; every label has a closed list of values. */

/** Kinds of messages that are counted apart; every other is `other`. */
const inboundLabels = [
  'chat',
  'image',
  'video',
  'audio',
  'ptt',
  'document',
  'sticker',
  'location',
  'vcard',
  'multi_vcard',
  'poll_creation',
  'revoked',
  'other',
] as const;

/** The label for a type as WhatsApp names it. */
export const inboundLabel = (type: string): (typeof inboundLabels)[number] =>
  inboundLabels.find((known) => known === type) ?? 'other';

/** Why a message is handed over again. */
const retryReasons = attemptReason.exclude(['first']).options;

export const ackLabels = ['server', 'device', 'read'] as const;
export type AckLabel = (typeof ackLabels)[number];

const seconds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 21_600] as const;

export const counterDefinitions = {
  acceptedMessages: {
    type: 'counter',
    name: 'whatsapp_outbox_accepted_total',
    help: 'Messages accepted',
    labels: {},
  },
  endedMessages: {
    type: 'counter',
    name: 'whatsapp_outbox_ended_total',
    help: 'Messages sent or given up, by what they ended as; one that was given up and then proves to be sent counts twice',
    labels: { status: messageStatus.extract(['sent', 'failed', 'expired', 'cancelled', 'unknown']).options },
  },
  outcomes: {
    type: 'counter',
    name: 'whatsapp_outbox_outcomes_total',
    help: 'Messages that ended otherwise than sent, by cause',
    labels: { code: outcomeCode.options },
  },
  refusedMessages: {
    type: 'counter',
    name: 'whatsapp_outbox_refused_total',
    help: 'Requests refused because of the state of the outbox',
    labels: { reason: ['queue_full', 'storage_full', 'storage_failed', 'shutting_down'] },
  },
  sendAttempts: {
    type: 'counter',
    name: 'whatsapp_send_attempts_total',
    help: 'Attempts to hand a message to WhatsApp Web, by outcome',
    labels: { outcome: attemptOutcome.options },
  },
  sendRetries: {
    type: 'counter',
    name: 'whatsapp_send_retries_total',
    help: 'Attempts after the first, by what made them necessary',
    labels: { reason: retryReasons },
  },
  correctedMessages: {
    type: 'counter',
    name: 'whatsapp_outbox_corrected_total',
    help: 'Messages that WhatsApp acknowledged after they had been given up, by what they were',
    labels: { status: messageStatus.extract(['failed', 'expired', 'cancelled', 'unknown']).options },
  },
  ackNudges: {
    type: 'counter',
    name: 'whatsapp_send_nudges_total',
    help: 'Steps taken because acknowledgements stayed away',
    labels: { step: ['reconnect_socket', 'restart_engine'] },
  },
  ackSeconds: {
    type: 'histogram',
    name: 'whatsapp_send_ack_seconds',
    help: 'Time from acceptance to acknowledgement',
    labels: { ack: ackLabels },
    buckets: seconds,
  },
  inboundMessages: {
    type: 'counter',
    name: 'whatsapp_inbound_messages_total',
    help: 'Messages from others that came into the event log, by type',
    labels: { type: inboundLabels },
  },
  events: {
    type: 'counter',
    name: 'whatsapp_inbox_events_total',
    help: 'Events written to the log, by type',
    labels: { type: eventType.options },
  },
  eventsLost: {
    type: 'counter',
    name: 'whatsapp_inbox_events_lost_total',
    help: 'Events that were pruned because the log was full, before every webhook had them',
    labels: {},
  },
  webhookDeliveries: {
    type: 'counter',
    name: 'whatsapp_webhook_deliveries_total',
    help: 'Attempts to deliver an event to a webhook, by outcome',
    labels: { outcome: deliveryOutcome.options },
  },
  webhookDeadLetters: {
    type: 'counter',
    name: 'whatsapp_webhook_dead_letters_total',
    help: 'Events that were given up for a webhook',
    labels: {},
  },
  webhookSeconds: {
    type: 'histogram',
    name: 'whatsapp_webhook_delay_seconds',
    help: 'Time from the event log to a webhook that answered 2xx',
    labels: {},
    buckets: seconds,
  },
  disconnects: {
    type: 'counter',
    name: 'whatsapp_session_disconnects_total',
    help: 'Times that Connected was left, by cause',
    labels: { reason: transitionReason.options },
  },
  reconnectSeconds: {
    type: 'histogram',
    name: 'whatsapp_session_reconnect_seconds',
    help: 'Time from leaving Connected to being Connected again',
    labels: {},
    buckets: seconds,
  },
  engineRestarts: {
    type: 'counter',
    name: 'whatsapp_engine_restarts_total',
    help: 'Times that the browser was begun anew, by cause',
    labels: { reason: transitionReason.options },
  },
  uncleanStops: {
    type: 'counter',
    name: 'whatsapp_session_unclean_stops_total',
    help: 'Times that the process ended without its shutdown',
    labels: {},
  },
} as const satisfies Record<string, Definition>;

interface Definition {
  readonly type: 'counter' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly buckets?: readonly number[];
}

type Definitions = typeof counterDefinitions;
type NamesOf<T extends Definition['type']> = {
  [K in keyof Definitions]: Definitions[K]['type'] extends T ? K : never;
}[keyof Definitions];
export type CounterName = NamesOf<'counter'>;
export type HistogramName = NamesOf<'histogram'>;
export type LabelsOf<K extends keyof Definitions> = {
  readonly [L in keyof Definitions[K]['labels']]: Definitions[K]['labels'][L] extends readonly (infer V)[]
    ? V
    : never;
};

/** One metric with every combination of its labels, those that never happened at 0, as Prometheus wants them. */
export interface CounterFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'histogram';
  /** Histograms have `_bucket` (cumulative, label `le`), `_sum` and `_count` samples. */
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/**
 * Counters that survive restarts.
 *
 * Guarantees: within a transaction of the database, what is counted is committed together with what it counts, or
 * not at all; outside, each call commits by itself.
 */
export class Counters {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws Failure<StorageFailureCode> */
  increment<K extends CounterName>(counter: K, labels: LabelsOf<K>, by = 1): void {
    this.#database.transaction(() =>
      this.#add(counterDefinitions[counter].name, labelValues(counter, labels), by),
    );
  }

  /** @throws Failure<StorageFailureCode> */
  observe<K extends HistogramName>(histogram: K, labels: LabelsOf<K>, value: number): void {
    const { name, buckets } = counterDefinitions[histogram];
    const values = labelValues(histogram, labels);
    const bucket = buckets.find((upTo) => value <= upTo);
    this.#database.transaction(() => {
      this.#add(`${name}_bucket`, [...values, bucket === undefined ? '+Inf' : String(bucket)], 1);
      this.#add(`${name}_sum`, values, value);
    });
  }

  /** The sum over all labels. */
  total(counter: CounterName): number {
    const row = this.#database
      .prepare('SELECT total(value) AS total FROM counters WHERE name = ?')
      .get(counterDefinitions[counter].name);
    return Number(row?.['total']);
  }

  snapshot(): readonly CounterFamily[] {
    const stored = new Map(
      this.#database
        .prepare('SELECT name, labels, value FROM counters')
        .all()
        .map((row) => [`${row['name']}${row['labels']}`, Number(row['value'])]),
    );
    const read = (name: string, values: readonly string[]): number =>
      stored.get(`${name}${JSON.stringify(values)}`) ?? 0;
    return Object.values<Definition>(counterDefinitions).map((definition) => ({
      name: definition.name,
      help: definition.help,
      type: definition.type,
      samples: combinations(definition.labels).flatMap((labels) => samplesOf(definition, labels, read)),
    }));
  }

  #add(name: string, values: readonly string[], by: number): void {
    this.#database
      .prepare(
        `INSERT INTO counters (name, labels, value) VALUES (?, ?, ?)
         ON CONFLICT (name, labels) DO UPDATE SET value = value + excluded.value`,
      )
      .run(name, JSON.stringify(values), by);
  }
}

/** Label values in the order of the definition. */
function labelValues(counter: keyof Definitions, labels: object): readonly string[] {
  const given = new Map<string, unknown>(Object.entries(labels));
  return Object.keys(counterDefinitions[counter].labels).map((label) => String(given.get(label)));
}

function combinations(
  labels: Readonly<Record<string, readonly string[]>>,
): readonly Readonly<Record<string, string>>[] {
  return Object.entries(labels).reduce<readonly Readonly<Record<string, string>>[]>(
    (made, [label, values]) =>
      made.flatMap((before) => values.map((value) => ({ ...before, [label]: value }))),
    [{}],
  );
}

function samplesOf(
  { type, name, buckets = [] }: Definition,
  labels: Readonly<Record<string, string>>,
  read: (name: string, values: readonly string[]) => number,
): CounterFamily['samples'] {
  const values = Object.values(labels);
  if (type === 'counter') return [{ name, labels, value: read(name, values) }];
  let cumulative = 0;
  const bucketSamples = [...buckets.map(String), '+Inf'].map((le) => {
    cumulative += read(`${name}_bucket`, [...values, le]);
    return { name: `${name}_bucket`, labels: { ...labels, le }, value: cumulative };
  });
  return [
    ...bucketSamples,
    { name: `${name}_sum`, labels, value: read(`${name}_sum`, values) },
    { name: `${name}_count`, labels, value: cumulative },
  ];
}
