import type { Database } from '../store/database.ts';
import type { KnownMessage } from './event.ts';

/** What the log knows of the account's past. */
export interface Horizon {
  readonly accountId: string | undefined;
  /** Milliseconds since 1970; undefined before an account was linked. */
  readonly floor: number | undefined;
  readonly linkedAt: number | undefined;
  readonly settledAt: number | undefined;
}

/**
 * The rows of messages, reactions and calls that were seen. Every write belongs into the transaction that writes the
 * events it goes with.
 */
export class KnownMessages {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(id: string): KnownMessage | undefined {
    const row = this.#database.prepare('SELECT * FROM known_messages WHERE id = ?').get(id);
    if (row === undefined) return undefined;
    const reactions = this.#database
      .prepare('SELECT sender, emoji, at FROM known_reactions WHERE message = ?')
      .all(id)
      .map((reaction) => ({
        sender: String(reaction['sender']),
        emoji: String(reaction['emoji']),
        at: Number(reaction['at']),
      }));
    return {
      id,
      timestamp: Number(row['timestamp']),
      editedAt: Number(row['edited_at']),
      revoked: row['revoked'] === 1,
      ack: Number(row['ack']),
      reactions,
    };
  }

  /** Those of the ids that are known. */
  among(ids: readonly string[]): ReadonlySet<string> {
    const rows = this.#database
      .prepare('SELECT id FROM known_messages WHERE id IN (SELECT value FROM json_each(?))')
      .all(JSON.stringify(ids));
    return new Set(rows.map((row) => String(row['id'])));
  }

  put({ id, timestamp, editedAt, revoked, ack, reactions }: KnownMessage): void {
    this.#database
      .prepare(
        `INSERT INTO known_messages (id, timestamp, edited_at, revoked, ack) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET edited_at = excluded.edited_at, revoked = excluded.revoked, ack = excluded.ack`,
      )
      .run(id, timestamp, editedAt, revoked ? 1 : 0, ack);
    for (const { sender, emoji, at } of reactions) {
      this.#database
        .prepare(
          `INSERT INTO known_reactions (message, sender, emoji, at) VALUES (?, ?, ?, ?)
           ON CONFLICT (message, sender) DO UPDATE SET emoji = excluded.emoji, at = excluded.at`,
        )
        .run(id, sender, emoji, at);
    }
  }

  /** Remembers a call; false when it was known. */
  addCall(id: string, at: number): boolean {
    return (
      this.#database.prepare('INSERT OR IGNORE INTO known_calls (id, at) VALUES (?, ?)').run(id, at).changes >
      0
    );
  }

  /** Ids of the newest messages since a time. */
  since(time: number, limit: number): readonly string[] {
    return this.#database
      .prepare('SELECT id FROM known_messages WHERE timestamp >= ? ORDER BY timestamp DESC LIMIT ?')
      .all(time, limit)
      .map((row) => String(row['id']));
  }

  get horizon(): Horizon {
    const row = this.#database.prepare('SELECT account_id, floor, linked_at, settled_at FROM inbox').get();
    const optional = (name: string) => (typeof row?.[name] === 'number' ? Number(row[name]) : undefined);
    return {
      accountId: typeof row?.['account_id'] === 'string' ? row['account_id'] : undefined,
      floor: optional('floor'),
      linkedAt: optional('linked_at'),
      settledAt: optional('settled_at'),
    };
  }

  noteLinked(at: number): void {
    this.#database.prepare('UPDATE inbox SET linked_at = ?').run(at);
  }

  noteSettled(at: number): void {
    this.#database.prepare('UPDATE inbox SET settled_at = ?').run(at);
  }

  /** Another account: nothing that was known is about its messages. */
  beginAccount(accountId: string, floor: number): void {
    this.#database.prepare('DELETE FROM known_messages').run();
    this.#database.prepare('DELETE FROM known_calls').run();
    this.#database
      .prepare('UPDATE inbox SET account_id = ?, floor = ?, linked_at = NULL, settled_at = NULL')
      .run(accountId, floor);
  }

  /** Forgets messages from before a time, and that there were any: history is not looked at beyond it again. */
  forgetBefore(time: number, limit: number): number {
    const { floor } = this.horizon;
    const forgotten = this.#database
      .prepare(
        `DELETE FROM known_messages WHERE id IN
           (SELECT id FROM known_messages WHERE timestamp < ? ORDER BY timestamp LIMIT ?)`,
      )
      .run(time, limit).changes;
    this.#database.prepare('DELETE FROM known_calls WHERE at < ?').run(time);
    if (floor !== undefined && time > floor) this.#database.prepare('UPDATE inbox SET floor = ?').run(time);
    return Number(forgotten);
  }

  /** The time of the message that is so far back in the order of times; undefined when there are fewer. */
  timeOfNewest(count: number): number | undefined {
    const row = this.#database
      .prepare('SELECT timestamp FROM known_messages ORDER BY timestamp DESC LIMIT 1 OFFSET ?')
      .get(count);
    return row === undefined ? undefined : Number(row['timestamp']);
  }
}
