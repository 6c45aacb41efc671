import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { SandboxError } from '../errors.ts';
import { type OnMark, unwatched } from '../live/mark.ts';
import type { Jid, WireContact } from '../wire.ts';
import { digitsOf, lidOf } from '../world/ids.ts';
import { prepared } from './database.ts';

/** A phone with WhatsApp on it. */
export interface Account {
  readonly number: string;
  readonly name: string;
  /** Whether its phone enters a pairing code by itself as soon as a page asks for one. */
  readonly autoLink: boolean;
  readonly created: number;
}

/** A browser profile that was linked to an account. */
export interface Device {
  readonly id: string;
  readonly account: string;
  readonly token: string;
  readonly browser: string;
  readonly linkedAt: number;
  readonly unlinkedAt: number | null;
  /** The last entry of the account's feed that the device says it has. */
  readonly cursor: number;
  /** Whether it has been sent the account's history; once per link. */
  readonly historySent: boolean;
}

type Row = Record<string, unknown>;

const toAccount = (row: Row): Account => ({
  number: String(row['number']),
  name: String(row['name']),
  autoLink: row['auto_link'] === 1,
  created: Number(row['created']),
});

const toDevice = (row: Row): Device => ({
  id: String(row['id']),
  account: String(row['account']),
  token: String(row['token']),
  browser: String(row['browser']),
  linkedAt: Number(row['linked_at']),
  unlinkedAt: row['unlinked_at'] === null ? null : Number(row['unlinked_at']),
  cursor: Number(row['cursor']),
  historySent: row['history_sent'] === 1,
});

/** The phones, their linked devices and their address books. */
export class AccountStore {
  readonly #database: DatabaseSync;
  readonly #onMark: OnMark;

  constructor(database: DatabaseSync, onMark: OnMark = unwatched) {
    this.#database = database;
    this.#onMark = onMark;
  }

  /** Makes an account; throws ACCOUNT_EXISTS when the number has one. */
  create(account: Account): void {
    const { changes } = prepared(
      this.#database,
      'INSERT OR IGNORE INTO accounts (number, name, auto_link, created) VALUES (?, ?, ?, ?)',
    ).run(account.number, account.name, Number(account.autoLink), account.created);
    if (changes === 0) throw new SandboxError('ACCOUNT_EXISTS', `account ${account.number} exists`);
    this.#onMark({ kind: 'account', number: account.number });
  }

  find(number: string): Account | undefined {
    const row = prepared(this.#database, 'SELECT * FROM accounts WHERE number = ?').get(number);
    return row === undefined ? undefined : toAccount(row);
  }

  /** Like `find`; throws ACCOUNT_UNKNOWN. */
  get(number: string): Account {
    const account = this.find(number);
    if (account === undefined) throw new SandboxError('ACCOUNT_UNKNOWN', `there is no account ${number}`);
    return account;
  }

  list(): readonly Account[] {
    return prepared(this.#database, 'SELECT * FROM accounts ORDER BY number').all().map(toAccount);
  }

  /** Links a new device, which starts at this position of the feed. */
  link(account: string, browser: string, cursor: number, at: number): Device {
    const device: Device = {
      id: randomUUID(),
      account,
      token: randomUUID(),
      browser,
      linkedAt: at,
      unlinkedAt: null,
      cursor,
      historySent: false,
    };
    prepared(this.#database, 'INSERT INTO devices VALUES (?, ?, ?, ?, ?, NULL, ?, 0)').run(
      device.id,
      account,
      device.token,
      browser,
      at,
      cursor,
    );
    this.#onMark({ kind: 'account', number: account });
    return device;
  }

  device(id: string): Device | undefined {
    const row = prepared(this.#database, 'SELECT * FROM devices WHERE id = ?').get(id);
    return row === undefined ? undefined : toDevice(row);
  }

  /** Every device that was ever linked to the account, oldest first. */
  devices(account: string): readonly Device[] {
    return prepared(this.#database, 'SELECT * FROM devices WHERE account = ? ORDER BY linked_at, rowid')
      .all(account)
      .map(toDevice);
  }

  /** Takes a device's link away. Doing it twice changes nothing. */
  unlink(id: string, at: number): void {
    const row = prepared(
      this.#database,
      'UPDATE devices SET unlinked_at = ? WHERE id = ? AND unlinked_at IS NULL RETURNING account',
    ).get(at, id);
    this.#markOwner(row);
  }

  moveCursor(id: string, cursor: number): void {
    const row = prepared(
      this.#database,
      'UPDATE devices SET cursor = MAX(cursor, ?) WHERE id = ? RETURNING account',
    ).get(cursor, id);
    this.#markOwner(row);
  }

  markHistorySent(id: string): void {
    prepared(this.#database, 'UPDATE devices SET history_sent = 1 WHERE id = ?').run(id);
  }

  /** Puts a person into an account's address book, or renames the one there. */
  saveContact(account: string, jid: Jid, name: string): void {
    prepared(
      this.#database,
      'INSERT INTO contacts VALUES (?, ?, ?) ON CONFLICT (account, jid) DO UPDATE SET name = excluded.name',
    ).run(account, jid, name);
  }

  contacts(account: string): readonly WireContact[] {
    return prepared(this.#database, 'SELECT jid, name FROM contacts WHERE account = ? ORDER BY jid')
      .all(account)
      .map((row) => ({ jid: String(row['jid']), lid: lidOf(String(row['jid'])), name: String(row['name']) }));
  }

  /** The name under which an account knows a person; the number when it does not. */
  nameOf(account: string, jid: Jid): string {
    const row = prepared(this.#database, 'SELECT name FROM contacts WHERE account = ? AND jid = ?').get(
      account,
      jid,
    );
    if (row !== undefined) return String(row['name']);
    return this.find(digitsOf(jid))?.name ?? `+${digitsOf(jid)}`;
  }

  #markOwner(device: Row | undefined): void {
    if (device !== undefined) this.#onMark({ kind: 'account', number: String(device['account']) });
  }
}
