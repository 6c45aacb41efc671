import type { EventType } from '@whatsapp-operator/api/session';
import { type Counters, inboundLabel } from '../store/counters.ts';
import type { Database } from '../store/database.ts';
import type { NewEvent, StoredEvent } from './event.ts';

/** Where the log begins and ends. */
export interface LogBounds {
  /** The oldest event that is still there; one more than `last` when there is none. */
  readonly first: number;
  /** The newest event; 0 before there was one. */
  readonly last: number;
  /** Of all payloads. */
  readonly bytes: number;
}

/** Events read at once at most. */
export const MAX_READ = 1000;

/**
 * The event log.
 *
 * Guarantees: ids rise by one, without gaps, over restarts and failed writes; an event, what is known of its message
 * and its count are committed together or not at all; whoever listens is told after the commit. An event is never
 * changed; the oldest are pruned.
 */
export class EventLog {
  readonly #database: Database;
  readonly #counters: Counters;
  readonly #now: () => number;
  readonly #listeners = new Set<(bounds: LogBounds) => void>();
  #bounds: LogBounds;
  /** Together with it an event's id is unique everywhere: another volume, or a restored one, begins another log. */
  readonly logId: string;

  constructor(database: Database, counters: Counters, now: () => number) {
    this.#database = database;
    this.#counters = counters;
    this.#now = now;
    this.#bounds = this.#readBounds();
    this.logId = String(database.prepare('SELECT log_id FROM inbox').get()?.['log_id']);
  }

  get bounds(): LogBounds {
    return this.#bounds;
  }

  /**
   * Runs `work`, in which events may be added, in one transaction.
   *
   * @throws Failure<StorageFailureCode>
   */
  commit<T>(work: (add: (event: NewEvent) => number) => T): T {
    const before = this.#bounds.last;
    try {
      const result = this.#database.transaction(() => work((event) => this.#add(event)));
      if (this.#bounds.last !== before) for (const listener of this.#listeners) listener(this.#bounds);
      return result;
    } catch (error) {
      this.#bounds = this.#readBounds();
      throw error;
    }
  }

  onCommit(listener: (bounds: LogBounds) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get(id: number): StoredEvent | undefined {
    const row = this.#database.prepare('SELECT * FROM events WHERE id = ?').get(id);
    return row === undefined ? undefined : toEvent(row);
  }

  /** Events behind `after`, in order; of these types where they are given. */
  read(after: number, limit: number, types?: readonly EventType[]): readonly StoredEvent[] {
    const filter = types === undefined ? '' : 'AND type IN (SELECT value FROM json_each(?))';
    return this.#database
      .prepare(`SELECT * FROM events WHERE id > ? ${filter} ORDER BY id LIMIT ?`)
      .all(after, ...(types === undefined ? [] : [JSON.stringify(types)]), Math.min(limit, MAX_READ))
      .map(toEvent);
  }

  /** The same without payloads: what webhooks plan with. */
  outline(after: number, limit: number): readonly Pick<StoredEvent, 'id' | 'type' | 'chat'>[] {
    return this.#database
      .prepare('SELECT id, type, chat FROM events WHERE id > ? ORDER BY id LIMIT ?')
      .all(after, limit)
      .map((row) => ({
        id: Number(row['id']),
        type: String(row['type']) as EventType,
        chat: String(row['chat']) || undefined,
      }));
  }

  /** When an event was written; undefined when it is not there. */
  writtenAt(id: number): number | undefined {
    const at = this.#database.prepare('SELECT at FROM events WHERE id = ?').get(id)?.['at'];
    return at === undefined ? undefined : Number(at);
  }

  /** The newest event that was written before a time; 0 when there is none. */
  lastBefore(time: number): number {
    const { first, last } = this.#bounds;
    let low = first - 1;
    let high = last;
    // Times of writing rise with the ids, but for a clock that was set back, which delays pruning and harms nothing.
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.writtenAt(middle) ?? Number.POSITIVE_INFINITY) < time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Drops the oldest events up to one, within a transaction of `commit`; at most so many at once. How many went. */
  prune(upTo: number, limit: number): number {
    const { first, last, bytes } = this.#bounds;
    const end = Math.min(upTo, last, first + limit - 1);
    if (end < first) return 0;
    const freed = this.#database
      .prepare('SELECT total(octet_length(payload)) AS bytes FROM events WHERE id BETWEEN ? AND ?')
      .get(first, end)?.['bytes'];
    this.#database.prepare('DELETE FROM events WHERE id BETWEEN ? AND ?').run(first, end);
    this.#write({ first: end + 1, last, bytes: Math.max(0, bytes - Number(freed)) });
    return end - first + 1;
  }

  /** Begins another log id, so that nobody takes its events for those of the log that it was copied from. */
  static rename(database: Database): void {
    database.transaction(() => database.prepare('UPDATE inbox SET log_id = lower(hex(randomblob(4)))').run());
  }

  #add({ type, chat, occurredAt, message, payload }: NewEvent): number {
    const { first, last, bytes } = this.#bounds;
    const id = last + 1;
    const text = JSON.stringify(payload);
    this.#database
      .prepare(
        'INSERT INTO events (id, type, chat, at, occurred_at, message, payload) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(id, type, chat ?? '', this.#now(), occurredAt, message ?? null, text);
    this.#write({ first, last: id, bytes: bytes + Buffer.byteLength(text) });
    this.#counters.increment('events', { type });
    if (type === 'message') {
      this.#counters.increment('inboundMessages', { type: inboundLabel(String(payload['type'])) });
    }
    return id;
  }

  #write(bounds: LogBounds): void {
    this.#database
      .prepare('UPDATE inbox SET first_event_id = ?, last_event_id = ?, bytes = ?')
      .run(bounds.first, bounds.last, bounds.bytes);
    this.#bounds = bounds;
  }

  #readBounds(): LogBounds {
    const row = this.#database.prepare('SELECT first_event_id, last_event_id, bytes FROM inbox').get();
    return {
      first: Number(row?.['first_event_id']),
      last: Number(row?.['last_event_id']),
      bytes: Number(row?.['bytes']),
    };
  }
}

function toEvent(row: Record<string, unknown>): StoredEvent {
  return {
    id: Number(row['id']),
    type: String(row['type']) as EventType,
    chat: String(row['chat']) || undefined,
    at: Number(row['at']),
    occurredAt: Number(row['occurred_at']),
    message: row['message'] === null ? undefined : String(row['message']),
    payload: JSON.parse(String(row['payload'])) as Record<string, unknown>,
  };
}
