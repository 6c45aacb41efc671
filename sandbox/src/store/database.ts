import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/**
 * One SQLite file holds the world and the ledger, so that both survive a restart and agree with each other:
 * whatever changes the world writes its ledger entry in the same transaction.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS accounts (
  number TEXT PRIMARY KEY, name TEXT NOT NULL, auto_link INTEGER NOT NULL, created INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS devices (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, token TEXT NOT NULL, browser TEXT NOT NULL,
  linked_at INTEGER NOT NULL, unlinked_at INTEGER, cursor INTEGER NOT NULL, history_sent INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS devices_by_account ON devices (account);
CREATE TABLE IF NOT EXISTS contacts (
  account TEXT NOT NULL, jid TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (account, jid)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chats (
  account TEXT NOT NULL, jid TEXT NOT NULL, t INTEGER NOT NULL, unread INTEGER NOT NULL,
  PRIMARY KEY (account, jid)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS groups (
  jid TEXT PRIMARY KEY, subject TEXT NOT NULL, owner TEXT NOT NULL, created INTEGER NOT NULL,
  participants TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS messages (
  seq INTEGER PRIMARY KEY, account TEXT NOT NULL, chat TEXT NOT NULL, id TEXT NOT NULL,
  t INTEGER NOT NULL, ack INTEGER NOT NULL, awaiting_acks INTEGER NOT NULL, body TEXT NOT NULL,
  UNIQUE (account, chat, id)
) STRICT;
CREATE INDEX IF NOT EXISTS messages_by_chat ON messages (account, chat, seq);
CREATE TABLE IF NOT EXISTS feed (
  account TEXT NOT NULL, seq INTEGER NOT NULL, origin TEXT, item TEXT NOT NULL, PRIMARY KEY (account, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, account TEXT NOT NULL, chat TEXT NOT NULL,
  kind TEXT NOT NULL, id TEXT NOT NULL, device TEXT, detail TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS ledger_by_account ON ledger (account, seq);
`;

/** Opens (or makes) the sandbox's database in a data folder; ':memory:' keeps it in memory. */
export function openDatabase(folder: string): DatabaseSync {
  if (folder !== ':memory:') mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(folder === ':memory:' ? folder : join(folder, 'sandbox.sqlite'));
  // NORMAL loses nothing when the process dies; a power cut may cost the last moments, which a test tool can bear.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
  database.exec(SCHEMA);
  return database;
}

/** Runs `change` in one transaction; a transaction within one joins the outer. */
export function transaction<T>(database: DatabaseSync, change: () => T): T {
  if (database.isTransaction) return change();
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** Counts the starts of this data folder: part of every seed, so that a second run makes new ids. */
export function countStart(database: DatabaseSync): number {
  const row = database
    .prepare(
      `INSERT INTO meta (key, value) VALUES ('starts', '1')
       ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) RETURNING value`,
    )
    .get();
  return Number(row?.['value']);
}

const statements = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** A prepared statement, compiled once per database. Not for `iterate`: two readers would share one cursor. */
export function prepared(database: DatabaseSync, sql: string): StatementSync {
  const known = statements.get(database) ?? new Map<string, StatementSync>();
  statements.set(database, known);
  const statement = known.get(sql) ?? database.prepare(sql);
  known.set(sql, statement);
  return statement;
}
