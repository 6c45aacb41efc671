import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartupError } from '../startup-error.ts';
import { isSqlite, SQLITE } from './sqlite-error.ts';

/** Holds a data folder until it is released, or until the process is gone, however it ends. */
export interface DataFolderLock {
  /** A second call does nothing. */
  readonly release: () => void;
}

/**
 * Takes the data folder for this process; to be called before anything in it is read or written.
 *
 * The lock is SQLite's own on an otherwise empty file, which the kernel drops with the process: it is never stale.
 * Assumes a filesystem with working POSIX locks, as every block volume has.
 *
 * @throws StartupError `data_folder_in_use` when another process, or another copy in this one, has it;
 *   `data_folder_unusable` when it cannot be made or written
 */
export function lockDataFolder(folder: string): DataFolderLock {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const probe = join(folder, '.writable');
    writeFileSync(probe, '');
    rmSync(probe);
    database = new DatabaseSync(join(folder, 'owner.lock'), { timeout: 0 });
    // Exclusive from here on and never committed; nothing is ever written.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (isSqlite(error, SQLITE.BUSY)) {
      throw new StartupError(
        'data_folder_in_use',
        `another process uses the data folder ${folder}: two on one account would end each other's sessions, so this one does not start`,
        { cause: error },
      );
    }
    throw new StartupError('data_folder_unusable', `the data folder ${folder} cannot be made or written`, {
      cause: error,
    });
  }
  const held = database;
  return {
    release: () => {
      if (held.isOpen) held.close();
    },
  };
}
