import type { DatabaseSync } from 'node:sqlite';
import { PROCESS_SCHEMA } from './migrations/001-process.ts';
import { OUTBOX_SCHEMA } from './migrations/002-outbox.ts';
import { INBOX_SCHEMA } from './migrations/003-inbox.ts';
import { WEBHOOKS_SCHEMA } from './migrations/004-webhooks.ts';

/**
 * The schema, one step per version: step n leads from `user_version` n to n + 1. A step that was released is never
 * edited; a change is a new step. Each runs in a transaction of its own together with the new version, so a process
 * that is killed in between goes on where it was.
 */
export const migrations: readonly string[] = [PROCESS_SCHEMA, OUTBOX_SCHEMA, INBOX_SCHEMA, WEBHOOKS_SCHEMA];

/** The version that this program reads and writes. */
export const schemaVersion = migrations.length;

export const readVersion = (database: DatabaseSync): number =>
  Number(database.prepare('PRAGMA user_version').get()?.['user_version']);

/** Brings a database of any earlier version to `target`. */
export function migrate(database: DatabaseSync, target = schemaVersion): void {
  for (let version = readVersion(database); version < target; version++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(migrations[version] ?? '');
      database.exec(`PRAGMA user_version = ${version + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
