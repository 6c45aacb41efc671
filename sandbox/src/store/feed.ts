import type { DatabaseSync } from 'node:sqlite';
import type { FeedEntry, FeedItem } from '../wire.ts';
import { prepared } from './database.ts';

/** A feed entry together with the device that caused it, which need not be told. */
export interface OriginatedEntry extends FeedEntry {
  readonly origin: string | null;
}

/** What happened to each account, in order: the queue from which every linked device is served. */
export class FeedStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Appends, and returns the entry with its position, counted from 1 within the account. */
  append(account: string, item: FeedItem, origin: string | null): OriginatedEntry {
    const seq = this.end(account) + 1;
    prepared(this.#database, 'INSERT INTO feed (account, seq, origin, item) VALUES (?, ?, ?, ?)').run(
      account,
      seq,
      origin,
      JSON.stringify(item),
    );
    return { seq, item, origin };
  }

  /** The position of the newest entry; 0 when there is none. */
  end(account: string): number {
    const row = prepared(this.#database, 'SELECT MAX(seq) AS seq FROM feed WHERE account = ?').get(account);
    return Number(row?.['seq'] ?? 0);
  }

  /** Up to `limit` entries behind a position, in order. */
  after(account: string, seq: number, limit: number): readonly OriginatedEntry[] {
    return prepared(
      this.#database,
      'SELECT seq, origin, item FROM feed WHERE account = ? AND seq > ? ORDER BY seq LIMIT ?',
    )
      .all(account, seq, limit)
      .map((row) => ({
        seq: Number(row['seq']),
        origin: row['origin'] === null ? null : String(row['origin']),
        item: JSON.parse(String(row['item'])) as FeedItem,
      }));
  }
}
