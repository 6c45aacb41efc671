import type { DeliveryOutcome, EventType } from '@whatsapp-operator/api/session';
import type { Database } from '../store/database.ts';
import type { Endpoint, FailedEvent } from './endpoint.ts';

/** One attempt, for the delivery log. */
export interface Attempt {
  readonly event: number;
  readonly at: number;
  readonly outcome: DeliveryOutcome;
  readonly status: number | undefined;
  readonly tookMs: number;
  readonly detail: string;
}

/** The rows of webhooks. Whoever calls says what belongs into one transaction. */
export class WebhookRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): readonly Endpoint[] {
    return this.#database.prepare('SELECT * FROM webhooks ORDER BY id').all().map(toEndpoint);
  }

  /** Makes or changes it; its position only when it is new. */
  put(endpoint: Endpoint): void {
    const { id, source, url, events, secrets, enabled, disabledReason, beginsAfter, deliveredTo, createdAt } =
      endpoint;
    this.#database
      .prepare(
        `INSERT INTO webhooks (id, source, url, events, secrets, enabled, disabled_reason, begins_after, delivered_to, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET source = excluded.source, url = excluded.url, events = excluded.events,
           secrets = excluded.secrets, enabled = excluded.enabled, disabled_reason = excluded.disabled_reason`,
      )
      .run(
        id,
        source,
        url,
        events === undefined ? null : JSON.stringify(events),
        JSON.stringify(secrets),
        enabled ? 1 : 0,
        disabledReason ?? null,
        beginsAfter,
        deliveredTo,
        createdAt,
      );
  }

  delete(id: string): void {
    this.#database.prepare('DELETE FROM webhooks WHERE id = ?').run(id);
  }

  /** Cursors of the chats that are ahead. */
  cursors(id: string): ReadonlyMap<string, number> {
    const rows = this.#database.prepare('SELECT chat, event FROM webhook_cursors WHERE webhook = ?').all(id);
    return new Map(rows.map((row) => [String(row['chat']), Number(row['event'])]));
  }

  moveCursor(id: string, chat: string, event: number): void {
    this.#database
      .prepare(
        `INSERT INTO webhook_cursors (webhook, chat, event) VALUES (?, ?, ?)
         ON CONFLICT (webhook, chat) DO UPDATE SET event = max(event, excluded.event)`,
      )
      .run(id, chat, event);
  }

  /** Everything up to an event is done; cursors that say no more than that go. */
  moveTo(id: string, event: number): void {
    this.#database
      .prepare('UPDATE webhooks SET delivered_to = max(delivered_to, ?) WHERE id = ?')
      .run(event, id);
    this.#database.prepare('DELETE FROM webhook_cursors WHERE webhook = ? AND event <= ?').run(id, event);
  }

  failed(id: string, state: FailedEvent['state'], after = 0, limit = -1): readonly FailedEvent[] {
    return this.#database
      .prepare(
        'SELECT * FROM webhook_failures WHERE webhook = ? AND state = ? AND event > ? ORDER BY event LIMIT ?',
      )
      .all(id, state, after, limit)
      .map(toFailed);
  }

  countDead(id?: string): number {
    const row =
      id === undefined
        ? this.#database.prepare("SELECT count(*) AS n FROM webhook_failures WHERE state = 'dead'").get()
        : this.#database
            .prepare("SELECT count(*) AS n FROM webhook_failures WHERE webhook = ? AND state = 'dead'")
            .get(id);
    return Number(row?.['n']);
  }

  putFailed(id: string, failed: FailedEvent): void {
    const { event, chat, state, refusals, attempts, firstAt, nextAt, detail } = failed;
    this.#database
      .prepare(
        `INSERT INTO webhook_failures (webhook, event, chat, state, refusals, attempts, first_at, next_at, detail)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (webhook, event) DO UPDATE SET state = excluded.state, refusals = excluded.refusals,
           attempts = excluded.attempts, first_at = excluded.first_at, next_at = excluded.next_at,
           detail = excluded.detail`,
      )
      .run(id, event, chat, state, refusals, attempts, firstAt, nextAt, detail);
  }

  clearFailed(id: string, event: number): void {
    this.#database.prepare('DELETE FROM webhook_failures WHERE webhook = ? AND event = ?').run(id, event);
  }

  /** Turns dead letters into ones that are sent again; all, or those given. How many. */
  redrive(id: string, events: readonly number[] | undefined): number {
    const some = events === undefined ? '' : 'AND event IN (SELECT value FROM json_each(?))';
    return Number(
      this.#database
        .prepare(
          `UPDATE webhook_failures SET state = 'redriving', refusals = 0, attempts = 0, next_at = 0
           WHERE webhook = ? AND state = 'dead' ${some}`,
        )
        .run(id, ...(events === undefined ? [] : [JSON.stringify(events)])).changes,
    );
  }

  /** Failures of events that are pruned. */
  pruned(upTo: number): void {
    this.#database.prepare('DELETE FROM webhook_failures WHERE event <= ?').run(upTo);
  }

  addAttempt(id: string, attempt: Attempt): void {
    const { event, at, outcome, status, tookMs, detail } = attempt;
    this.#database
      .prepare(
        `INSERT INTO webhook_attempts (webhook, event, at, outcome, status, took_ms, detail)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(id, event, at, outcome, status ?? null, tookMs, detail);
  }

  attempts(id: string, limit: number): readonly Attempt[] {
    return this.#database
      .prepare('SELECT * FROM webhook_attempts WHERE webhook = ? ORDER BY seq DESC LIMIT ?')
      .all(id, limit)
      .map((row) => ({
        event: Number(row['event']),
        at: Number(row['at']),
        outcome: String(row['outcome']) as DeliveryOutcome,
        status: row['status'] === null ? undefined : Number(row['status']),
        tookMs: Number(row['took_ms']),
        detail: String(row['detail']),
      }));
  }

  trimAttempts(id: string, keep: number): void {
    this.#database
      .prepare(
        `DELETE FROM webhook_attempts WHERE webhook = ? AND seq <=
           (SELECT seq FROM webhook_attempts WHERE webhook = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
      )
      .run(id, id, keep);
  }
}

function toEndpoint(row: Record<string, unknown>): Endpoint {
  return {
    id: String(row['id']),
    source: row['source'] === 'settings' ? 'settings' : 'api',
    url: String(row['url']),
    events: row['events'] === null ? undefined : (JSON.parse(String(row['events'])) as EventType[]),
    secrets: JSON.parse(String(row['secrets'])) as string[],
    enabled: row['enabled'] === 1,
    disabledReason: row['disabled_reason'] === null ? undefined : String(row['disabled_reason']),
    beginsAfter: Number(row['begins_after']),
    deliveredTo: Number(row['delivered_to']),
    createdAt: Number(row['created_at']),
  };
}

function toFailed(row: Record<string, unknown>): FailedEvent {
  return {
    event: Number(row['event']),
    chat: String(row['chat']),
    state: String(row['state']) as FailedEvent['state'],
    refusals: Number(row['refusals']),
    attempts: Number(row['attempts']),
    firstAt: Number(row['first_at']),
    nextAt: Number(row['next_at']),
    detail: String(row['detail']),
  };
}
