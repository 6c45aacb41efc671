import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileTypeFromFile } from 'file-type';
import { Failure, hasErrno } from '../failure.ts';
import { type DiskReserve, spendableBytes } from '../store/disk.ts';

export type MediaFailureCode = 'media_too_large' | 'media_empty' | 'storage_full' | 'storage_failed';

/** A file on the volume, held for the message that will need it. */
export interface StagedMedia extends Disposable {
  /** SHA-256, hexadecimal: also the file's name, so that the same file sent to many is stored once. */
  readonly digest: string;
  readonly size: number;
  /** What the bytes tell, else what was declared, else `application/octet-stream`. */
  readonly mimetype: string;
  /** What the bytes tell; undefined when they tell nothing, as with text. */
  readonly sniffed: string | undefined;
  readonly filename: string | undefined;
  /** Lets go: from then on only messages that need the file keep it. A second call does nothing. */
  readonly release: () => void;
}

export interface StageOptions {
  readonly filename?: string | undefined;
  readonly mimetype?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface MediaStoreOptions {
  /** Made when it is missing. Nobody else writes there. */
  readonly folder: string;
  /** Bytes. */
  readonly maxSize: number;
  readonly reserve: DiskReserve;
  /** True while a message that is not yet sent needs the file. */
  readonly isNeeded: (digest: string) => boolean;
}

/**
 * The files of messages that wait to be sent.
 *
 * Guarantees: a file is complete and on disk, or it is not there (temporary file, sync, rename, sync of the folder);
 * it stays while a message or a `StagedMedia` needs it and goes after that; what a crash left over goes at the start.
 * What is written is bounded by `maxSize` and by the reserve of the volume.
 */
export class MediaStore {
  readonly #options: MediaStoreOptions;
  readonly #holds = new Map<string, number>();

  /** Makes the folder, and removes what no message needs. */
  constructor(options: MediaStoreOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(options.folder)) {
      if (!options.isNeeded(name)) rmSync(join(options.folder, name), { recursive: true, force: true });
    }
  }

  readonly pathOf = (digest: string): string => join(this.#options.folder, digest);

  /**
   * Writes a file to the volume.
   *
   * @throws Failure<MediaFailureCode>; the stream's own error when that fails; the signal's reason
   */
  async stage(
    source: AsyncIterable<Uint8Array> | Uint8Array,
    { filename, mimetype, signal }: StageOptions = {},
  ): Promise<StagedMedia> {
    const temporary = join(this.#options.folder, `.${randomUUID()}`);
    try {
      const { digest, size } = await this.#write(temporary, source, signal);
      const sniffed = (await fileTypeFromFile(temporary))?.mime;
      // Held before the rename: the end of another message with the same file must not remove it under our hands.
      const release = this.#hold(digest);
      try {
        await rename(temporary, this.pathOf(digest));
        await syncFolder(this.#options.folder);
      } catch (error) {
        release();
        throw error;
      }
      return {
        digest,
        size,
        mimetype: sniffed ?? mimetype ?? 'application/octet-stream',
        sniffed,
        filename,
        release,
        [Symbol.dispose]: release,
      };
    } catch (error) {
      await rm(temporary, { force: true });
      throw asMediaFailure(error);
    }
  }

  /** Removes the file unless something still needs it. */
  discard(digest: string): void {
    if (this.#holds.has(digest) || this.#options.isNeeded(digest)) return;
    rmSync(this.pathOf(digest), { force: true });
  }

  /** Whether the file is there in full. */
  async has(digest: string): Promise<boolean> {
    try {
      return (await stat(this.pathOf(digest))).isFile();
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async #write(
    path: string,
    source: AsyncIterable<Uint8Array> | Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly digest: string; readonly size: number }> {
    const hash = createHash('sha256');
    let size = 0;
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of source instanceof Uint8Array ? [source] : source) {
        signal?.throwIfAborted();
        size += chunk.byteLength;
        this.#checkRoom(size, chunk.byteLength);
        hash.update(chunk);
        await writeFully(file, chunk);
      }
      if (size === 0) throw new Failure('media_empty', 'terminal', 'the file is empty');
      await file.sync();
    } finally {
      await file.close();
    }
    return { digest: hash.digest('hex'), size };
  }

  #checkRoom(size: number, next: number): void {
    const { maxSize, reserve } = this.#options;
    if (size > maxSize) {
      throw new Failure('media_too_large', 'terminal', `the file is larger than ${maxSize} bytes`);
    }
    if (spendableBytes(reserve) < next) throw storageFull();
  }

  #hold(digest: string): () => void {
    this.#holds.set(digest, (this.#holds.get(digest) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.#holds.get(digest) ?? 1) - 1;
      if (left > 0) {
        this.#holds.set(digest, left);
        return;
      }
      this.#holds.delete(digest);
      this.discard(digest);
    };
  }
}

const storageFull = (cause?: unknown) =>
  new Failure('storage_full', 'retry', 'the volume is nearly full, so no file is taken', { cause });

function asMediaFailure(error: unknown): unknown {
  if (hasErrno(error, 'ENOSPC', 'EDQUOT')) return storageFull(error);
  if (hasErrno(error, 'EIO', 'EROFS', 'EACCES')) {
    return new Failure('storage_failed', 'retry', 'the file cannot be written to the volume', {
      cause: error,
    });
  }
  return error;
}

async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) at += (await file.write(chunk, at)).bytesWritten;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
