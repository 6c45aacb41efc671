import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type OnMark, unwatched } from '../live/mark.ts';
import { prepared } from '../store/database.ts';
import { type LedgerEntry, type LedgerKind, ledgerEntrySchema } from './entry.ts';

/** Which entries to read; every field narrows. */
export interface LedgerFilter {
  readonly account?: string | undefined;
  readonly chat?: string | undefined;
  readonly kind?: LedgerKind | undefined;
  readonly id?: string | undefined;
  /** Only entries behind this position. */
  readonly after?: number | undefined;
  /** At most so many; all of them by default. */
  readonly limit?: number | undefined;
  /** Of all those only the latest so many. */
  readonly last?: number | undefined;
}

/** The append-only record of what really happened. Entries are written within the transaction of their cause. */
export class Ledger {
  readonly #database: DatabaseSync;
  readonly #onMark: OnMark;

  constructor(database: DatabaseSync, onMark: OnMark = unwatched) {
    this.#database = database;
    this.#onMark = onMark;
  }

  append(entry: Omit<LedgerEntry, 'seq'>): void {
    prepared(
      this.#database,
      'INSERT INTO ledger (at, account, chat, kind, id, device, detail) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(entry.at, entry.account, entry.chat, entry.kind, entry.id, entry.device, entry.detail);
    this.#onMark({ kind: 'ledger' });
  }

  /** The position of the newest entry; 0 when there is none. */
  end(): number {
    return Number(prepared(this.#database, 'SELECT MAX(seq) AS seq FROM ledger').get()?.['seq'] ?? 0);
  }

  /** Whether a device has said before that it has this message. */
  hasReceived(account: string, chat: string, id: string, device: string): boolean {
    const row = prepared(
      this.#database,
      `SELECT 1 FROM ledger WHERE account = ? AND kind = 'received' AND chat = ? AND id = ? AND device = ? LIMIT 1`,
    ).get(account, chat, id, device);
    return row !== undefined;
  }

  /** Entries in order, read one by one, so that an export of any length takes no memory. */
  *read(filter: LedgerFilter = {}): Generator<LedgerEntry> {
    const conditions: string[] = ['seq > ?'];
    const values: SQLInputValue[] = [filter.after ?? 0];
    for (const column of ['account', 'chat', 'kind', 'id'] as const) {
      const value = filter[column];
      if (value === undefined) continue;
      conditions.push(`${column} = ?`);
      values.push(value);
    }
    const wanted = `SELECT seq, at, account, chat, kind, id, device, detail FROM ledger
       WHERE ${conditions.join(' AND ')} ORDER BY seq LIMIT ?`;
    const sql =
      filter.last === undefined
        ? wanted
        : `SELECT * FROM (SELECT * FROM (${wanted}) ORDER BY seq DESC LIMIT ?) ORDER BY seq`;
    values.push(filter.limit ?? -1, ...(filter.last === undefined ? [] : [filter.last]));
    for (const row of this.#database.prepare(sql).iterate(...values))
      yield ledgerEntrySchema.parse({ ...row });
  }
}

/** One entry per line, as JSON. */
export function* toNdjson(entries: Iterable<LedgerEntry>): Generator<string> {
  for (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

/** Reads what `toNdjson` wrote; throws with the line's number when a line is not an entry. */
export function fromNdjson(text: string): readonly LedgerEntry[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => {
      try {
        return ledgerEntrySchema.parse(JSON.parse(line));
      } catch (cause) {
        throw new Error(`line ${number} is not a ledger entry`, { cause });
      }
    });
}
