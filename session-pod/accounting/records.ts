import { DatabaseSync } from 'node:sqlite';
import { type EventType, isWanted } from '@whatsapp-operator/api/session';

/** What a session pod's database says. */
export interface PodRecords {
  readonly bounds: { readonly first: number; readonly last: number };
  /** History from before it was not looked at. Milliseconds since 1970. */
  readonly floor: number;
  readonly events: readonly {
    readonly id: number;
    readonly type: EventType;
    readonly chat: string;
    readonly message: string;
  }[];
  /** Events of the type `message`. */
  readonly inboundEvents: number;
  /** Accepted by the API, in order of acceptance. */
  readonly messages: readonly {
    readonly id: string;
    readonly chat: string;
    readonly type: string;
    readonly status: string;
  }[];
  /** Their ids. */
  readonly ours: ReadonlySet<string>;
  readonly webhooks: readonly {
    readonly id: string;
    readonly beginsAfter: number;
    readonly dead: readonly number[];
    readonly wants: (type: EventType) => boolean;
  }[];
  readonly counters: { readonly events: number; readonly inbound: number };
}

/**
 * Reads the records. The file is a copy, or that of a session pod that was stopped: it is opened for reading only, and
 * a running one may change between two of the questions.
 */
export function readRecords(path: string): PodRecords {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    database.exec('BEGIN');
    const all = (sql: string, ...given: (string | number)[]) => database.prepare(sql).all(...given);
    const total = (name: string) =>
      Number(all('SELECT total(value) AS n FROM counters WHERE name = ?', name)[0]?.['n']);
    const [inbox] = all('SELECT * FROM inbox');
    const events = all('SELECT id, type, chat, message FROM events ORDER BY id').map((row) => ({
      id: Number(row['id']),
      type: String(row['type']) as EventType,
      chat: String(row['chat']),
      message: String(row['message'] ?? ''),
    }));
    const messages = all('SELECT id, chat_id, type, status FROM messages ORDER BY seq').map((row) => ({
      id: String(row['id']),
      chat: String(row['chat_id']),
      type: String(row['type']),
      status: String(row['status']),
    }));
    return {
      bounds: { first: Number(inbox?.['first_event_id']), last: Number(inbox?.['last_event_id']) },
      floor: Number(inbox?.['floor'] ?? Number.POSITIVE_INFINITY),
      events,
      inboundEvents: events.filter(({ type }) => type === 'message').length,
      messages,
      ours: new Set(messages.map(({ id }) => id)),
      webhooks: all('SELECT id, events, begins_after FROM webhooks').map((row) => {
        const wanted =
          row['events'] === null ? undefined : (JSON.parse(String(row['events'])) as EventType[]);
        const dead = all(
          "SELECT event FROM webhook_failures WHERE webhook = ? AND state = 'dead'",
          String(row['id']),
        );
        return {
          id: String(row['id']),
          beginsAfter: Number(row['begins_after']),
          dead: dead.map(({ event }) => Number(event)),
          wants: (type: EventType) => isWanted(type, wanted),
        };
      }),
      counters: {
        events: total('whatsapp_inbox_events_total'),
        inbound: total('whatsapp_inbound_messages_total'),
      },
    };
  } finally {
    database.close();
  }
}
