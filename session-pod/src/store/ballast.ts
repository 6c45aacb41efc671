import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface BallastOptions {
  readonly folder: string;
  /** What must stay free beside it when it is taken. Bytes. */
  readonly reserveBytes: number;
  readonly free: () => number;
  /** Default 4 MiB: less than what the browser needs to start, so that it never starts on what was dropped. */
  readonly bytes?: number;
}

const CHUNK_BYTES = 2 ** 20;

/**
 * Room on the volume that nobody else can take: a file that is dropped when a write finds none.
 *
 * Guarantees: a start on a volume that others have filled, and the outcome of the call that was under way then, find
 * room for the database. Never throws: without ballast everything works as it does with it, until the volume is full.
 */
export class Ballast {
  readonly #options: BallastOptions;
  readonly #path: string;
  readonly #bytes: number;

  constructor(options: BallastOptions) {
    this.#options = options;
    this.#path = join(options.folder, 'ballast');
    this.#bytes = options.bytes ?? 4 * 2 ** 20;
  }

  /** Takes the room, if the volume has plenty; what is there already stays. */
  take(): void {
    const { free, reserveBytes } = this.#options;
    const unfinished = `${this.#path}.new`;
    try {
      if (this.#size() >= this.#bytes || free() < reserveBytes + this.#bytes) return;
      // Random, because some filesystems give a file of zeros no room; complete under its name, or not at all.
      const fd = openSync(unfinished, 'w', 0o600);
      try {
        for (let written = 0; written < this.#bytes; ) {
          written += writeSync(
            fd,
            randomFillSync(Buffer.alloc(Math.min(CHUNK_BYTES, this.#bytes - written))),
          );
        }
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(unfinished, this.#path);
    } catch {
      remove(unfinished);
    }
  }

  /** Gives the room up; false when there was none. */
  drop(): boolean {
    const had = this.#size() > 0;
    return had && remove(this.#path);
  }

  #size(): number {
    try {
      return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    } catch {
      return 0;
    }
  }
}

function remove(path: string): boolean {
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}
