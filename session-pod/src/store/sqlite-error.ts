import { Failure } from '../failure.ts';

/** SQLite's primary result codes that are told apart here. https://sqlite.org/rescode.html */
export const SQLITE = {
  BUSY: 5,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const;

/** Beyond FULL, these mean that a write found no room: IOERR_WRITE, _FSYNC, _TRUNCATE, _SHMSIZE. */
const NO_ROOM_EXTENDED: readonly number[] = [778, 1034, 1546, 4874];

const errcodeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;

/** True for an error of SQLite with one of these primary codes. */
export const isSqlite = (error: unknown, ...codes: readonly number[]): boolean => {
  const errcode = errcodeOf(error);
  return errcode !== undefined && codes.includes(errcode & 0xff);
};

/** Whether the database says that a write found no room; some of its I/O errors may mean something else. */
export const mayMeanNoRoom = (error: unknown): boolean =>
  isSqlite(error, SQLITE.FULL) || NO_ROOM_EXTENDED.includes(errcodeOf(error) ?? 0);

export type StorageFailureCode = 'storage_full' | 'storage_failed' | 'database_corrupt';

/**
 * What an error of the database means. `storage_full` and `storage_failed` changed nothing, and may pass by
 * themselves; `database_corrupt` does not. Anything else is a bug, and stays what it is.
 *
 * @param noRoom whether the volume is full: SQLite reports some of its writes as plain I/O errors then
 */
export function classifyStorageError(error: unknown, noRoom: () => boolean): unknown {
  const errcode = errcodeOf(error);
  if (errcode === undefined) return error;
  if (isSqlite(error, SQLITE.FULL) || (NO_ROOM_EXTENDED.includes(errcode) && noRoom())) {
    return new Failure('storage_full', 'retry', 'the volume is full: nothing could be written', {
      cause: error,
    });
  }
  if (isSqlite(error, SQLITE.CORRUPT, SQLITE.NOTADB)) {
    return new Failure('database_corrupt', 'terminal', 'the database is damaged', { cause: error });
  }
  if (isSqlite(error, SQLITE.IOERR, SQLITE.READONLY, SQLITE.CANTOPEN, SQLITE.BUSY)) {
    return new Failure('storage_failed', 'retry', 'the database could not be read or written', {
      cause: error,
    });
  }
  return error;
}
