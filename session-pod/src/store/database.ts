import { closeSync, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { StartupError } from '../startup-error.ts';
import { type DiskReserve, tellsOfNoRoom } from './disk.ts';
import { migrate, readVersion, schemaVersion } from './migrations.ts';
import { classifyStorageError, isSqlite, SQLITE } from './sqlite-error.ts';

/** "WAop" in SQLite's header: the file is ours. */
export const APPLICATION_ID = 0x57416f70;
const MAGIC = 'SQLite format 3\0';
const APPLICATION_ID_OFFSET = 68;
/** Pages of 4 KiB: the WAL is brought into the database every 4 MiB, which bounds it. */
const CHECKPOINT_PAGES = 1000;
const WAL_LIMIT_BYTES = 8 * 2 ** 20;

/**
 * The session's database.
 *
 * Guarantees: what a `transaction` returned from is on disk (WAL, full sync); one that threw has changed nothing; a
 * file that is foreign, damaged, or from a newer program is refused before a byte of it is touched. Assumes that
 * the data folder is locked for this process.
 */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #reserve: DiskReserve;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(sqlite: DatabaseSync, reserve: DiskReserve) {
    this.#sqlite = sqlite;
    this.#reserve = reserve;
  }

  /**
   * Opens the database, or makes it, and brings it to this program's version.
   *
   * @throws StartupError `database_refused`, `data_folder_unusable`
   */
  static open(path: string, reserve: DiskReserve): Database {
    if (isThere(path)) examine(path);
    else create(path);
    try {
      const sqlite = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true });
      sqlite.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
        PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};
        PRAGMA cache_size = -8192;
      `);
      migrate(sqlite);
      return new Database(sqlite, reserve);
    } catch (error) {
      throw new StartupError('data_folder_unusable', `the database ${path} cannot be opened for writing`, {
        cause: error,
      });
    }
  }

  /** A prepared statement; the same text is prepared once. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Runs `work`, which must not wait for anything, and commits what it wrote: all of it, or nothing. Inside of another
   * transaction it is part of that.
   *
   * @throws Failure<StorageFailureCode>, and whatever `work` throws
   */
  transaction<T>(work: () => T): T {
    if (this.#sqlite.isTransaction) return work();
    try {
      return this.#attempt(work);
    } catch (error) {
      if (!tellsOfNoRoom(error) || this.#reserve.relieve?.() !== true) throw error;
      return this.#attempt(work);
    }
  }

  #attempt<T>(work: () => T): T {
    try {
      this.#sqlite.exec('BEGIN IMMEDIATE');
      const result = work();
      this.#sqlite.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors.
      if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
      throw classifyStorageError(error, () => this.#reserve.free() < WAL_LIMIT_BYTES);
    }
  }

  /** Brings the WAL into the database and closes it. A second call does nothing. */
  close(): void {
    if (!this.#sqlite.isOpen) return;
    this.#statements.clear();
    try {
      this.#sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // On a full disk the WAL stays, and is read by the next start: nothing is lost.
    }
    this.#sqlite.close();
  }
}

const refused = (path: string, why: string, cause?: unknown) =>
  new StartupError(
    'database_refused',
    `${path} ${why}. It was left as it is: restore it from a backup, or move it away to begin with an empty outbox`,
    { cause },
  );

/** A WAL without its database would be played into a new one: somebody took the database away, and has to say why. */
function isThere(path: string): boolean {
  if (existsSync(path)) return true;
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (wal !== undefined && wal.size > 0) throw refused(`${path}-wal`, 'is there without its database');
  return false;
}

/** Refuses what this program must not write to. Reads only. */
function examine(path: string): void {
  const header = readHeader(path);
  if (header.length < 100 || header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw refused(path, 'is not a SQLite database, or its beginning is damaged');
  }
  if (header.readUInt32BE(APPLICATION_ID_OFFSET) !== APPLICATION_ID) {
    throw refused(path, 'is a database of another program');
  }
  const sqlite = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    const version = readVersion(sqlite);
    if (version > schemaVersion) {
      throw refused(
        path,
        `was written by a newer program (schema ${version}, this one knows ${schemaVersion}): downgrades are not possible`,
      );
    }
    const [finding] = sqlite.prepare('PRAGMA quick_check(1)').all();
    if (finding?.['quick_check'] !== 'ok') {
      throw refused(path, `is damaged (${String(finding?.['quick_check'])})`);
    }
  } catch (error) {
    if (error instanceof StartupError) throw error;
    if (isSqlite(error, SQLITE.CORRUPT, SQLITE.NOTADB)) throw refused(path, 'is damaged', error);
    throw new StartupError('data_folder_unusable', `the database ${path} cannot be read`, { cause: error });
  } finally {
    sqlite.close();
  }
}

function readHeader(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    const header = Buffer.alloc(100);
    return header.subarray(0, readSync(fd, header, 0, 100, 0));
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes the database beside its place and moves it there when it is complete: a file under the final name always
 * carries our mark, whenever the process dies. Without WAL, because a WAL does not move along.
 */
function create(path: string): void {
  const unfinished = `${path}.new`;
  try {
    for (const leftover of [unfinished, `${unfinished}-journal`]) rmSync(leftover, { force: true });
    const sqlite = new DatabaseSync(unfinished);
    try {
      sqlite.exec(`PRAGMA synchronous = FULL; PRAGMA application_id = ${APPLICATION_ID}`);
      migrate(sqlite);
    } finally {
      sqlite.close();
    }
    renameSync(unfinished, path);
    syncFolder(dirname(path));
  } catch (error) {
    throw new StartupError('data_folder_unusable', `the database ${path} cannot be made`, { cause: error });
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
