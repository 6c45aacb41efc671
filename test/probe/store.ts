/**
 * Files in one folder.
 *
 * Guarantees: once `put` has returned, the content survives a crash of the machine; a reader sees the old content
 * or the new one, whole; a failed `put` leaves the old content and no draft.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import { join } from 'node:path';
import { HttpError } from './reply.ts';

/** The file operations the store uses; tests put failing ones in their place. */
export type Files = Pick<typeof nodeFiles, 'access' | 'open' | 'readFile' | 'rename' | 'rm'>;

/** What was stored. */
export type Stored = { readonly name: string; readonly bytes: number; readonly sha256: string };

/** A small store of named contents. */
export type Store = {
  /** Whether the folder is there and can be written to. */
  writable(): Promise<boolean>;
  put(name: string, content: Buffer): Promise<Stored>;
  get(name: string): Promise<Buffer>;
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * A store in a folder. Its methods throw HttpError: 400 `BAD_NAME`, 404 `NOT_FOUND`, 507 `DISK_FULL`, and 500
 * with the system's own code for anything else.
 */
export function openStore(folder: string, files: Files = nodeFiles): Store {
  return {
    writable: () =>
      files.access(folder, constants.W_OK).then(
        () => true,
        () => false,
      ),
    put: async (name, content) => {
      checkName(name);
      try {
        await replaceDurably(files, folder, name, content);
      } catch (error) {
        throw storeError(error, name);
      }
      return { name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
    },
    get: async (name) => {
      checkName(name);
      try {
        return await files.readFile(join(folder, name));
      } catch (error) {
        throw isCode(error, 'ENOENT')
          ? new HttpError(404, 'NOT_FOUND', `nothing named ${name}`)
          : storeError(error, name);
      }
    },
  };
}

async function replaceDurably(files: Files, folder: string, name: string, content: Buffer): Promise<void> {
  const draft = join(folder, `.${randomUUID()}`);
  try {
    await writeSynced(files, draft, content);
    await files.rename(draft, join(folder, name));
  } catch (error) {
    await files.rm(draft, { force: true });
    throw error;
  }
  // The rename itself is on the disk only once the folder is.
  const directory = await files.open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function writeSynced(files: Files, path: string, content: Buffer): Promise<void> {
  const file = await files.open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The answer for a failed file operation: a full disk is the client's to handle, the rest is the volume's. */
export function storeError(error: unknown, name: string): HttpError {
  if (isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT')) {
    return new HttpError(507, 'DISK_FULL', `no space left for ${name}`, { cause: error });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'STORE_FAILED';
  return new HttpError(500, code, String(error), { cause: error });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new HttpError(400, 'BAD_NAME', 'a name is 1 to 100 letters, digits, dots, dashes and underscores');
}
