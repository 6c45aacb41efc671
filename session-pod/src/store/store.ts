import { join } from 'node:path';
import type { TransitionReason } from '@whatsapp-operator/api/session';
import { Failure } from '../failure.ts';
import { StartupError } from '../startup-error.ts';
import { Ballast } from './ballast.ts';
import { Counters } from './counters.ts';
import { Database } from './database.ts';
import { DEFAULT_RESERVE_BYTES, type DiskReserve, freeBytes, tellsOfNoRoom } from './disk.ts';
import { type DataFolderLock, lockDataFolder } from './ownership.ts';

export interface StoreOptions {
  readonly folder: string;
  /** Free space of the volume below which nothing new is taken. Bytes. Default 32 MiB. */
  readonly reserveBytes?: number;
  /** Default: asks the filesystem. */
  readonly free?: () => number;
}

/** How often the ballast is taken again after it was dropped. Milliseconds. */
const BALLAST_EVERY_MS = 30_000;

export interface LastDisconnect {
  readonly reason: TransitionReason;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * The session's data folder: locked for this process, with its database and its counters.
 *
 * Guarantees: one process at a time; `close` marks an orderly end, and a start without that mark counts an unclean
 * stop.
 */
export class Store {
  readonly folder: string;
  readonly reserve: DiskReserve;
  readonly database: Database;
  readonly counters: Counters;
  /** Whether the process before this one ended without its shutdown. */
  readonly afterUncleanStop: boolean;
  readonly #lock: DataFolderLock;
  readonly #ballastTimer: NodeJS.Timeout;
  #closed = false;

  private constructor(options: StoreOptions, lock: DataFolderLock) {
    const { folder } = options;
    const ballast = ballastOf(options);
    this.folder = folder;
    this.#lock = lock;
    this.reserve = { ...roomOf(options), relieve: () => ballast.drop() };
    this.database = Database.open(join(folder, 'session.db'), this.reserve);
    this.counters = new Counters(this.database);
    try {
      this.afterUncleanStop = this.#begin();
    } catch (error) {
      this.database.close();
      throw error;
    }
    ballast.take();
    this.#ballastTimer = setInterval(() => ballast.take(), BALLAST_EVERY_MS).unref();
  }

  /** @throws StartupError `data_folder_in_use`, `data_folder_unusable`, `database_refused` */
  static open(options: StoreOptions): Store {
    try {
      return Store.#open(options);
    } catch (error) {
      if (!tellsOfNoRoom(error)) throw error;
      if (ballastOf(options).drop()) return Store.#open(options);
      const message = `the volume of the data folder ${options.folder} is full: give it room, and the next start goes on`;
      throw new StartupError('data_folder_unusable', message, { cause: error });
    }
  }

  static #open(options: StoreOptions): Store {
    const lock = lockDataFolder(options.folder);
    try {
      return new Store(options, lock);
    } catch (error) {
      lock.release();
      if (error instanceof StartupError || !(error instanceof Failure)) throw error;
      throw new StartupError('data_folder_unusable', `the data folder ${options.folder}: ${error.message}`, {
        cause: error,
      });
    }
  }

  get mediaFolder(): string {
    return join(this.folder, 'media');
  }

  get lastDisconnect(): LastDisconnect | undefined {
    const row = this.database.prepare('SELECT last_disconnect_reason, last_disconnect_at FROM process').get();
    if (typeof row?.['last_disconnect_reason'] !== 'string') return undefined;
    return {
      reason: row['last_disconnect_reason'] as TransitionReason,
      at: Number(row['last_disconnect_at']),
    };
  }

  /** Counts and keeps that Connected was left. @throws Failure<StorageFailureCode> */
  recordDisconnect({ reason, at }: LastDisconnect): void {
    this.database.transaction(() => {
      this.counters.increment('disconnects', { reason });
      this.database
        .prepare('UPDATE process SET last_disconnect_reason = ?, last_disconnect_at = ?')
        .run(reason, at);
    });
  }

  /** The account that was linked last, so that another one is noticed. */
  get accountId(): string | undefined {
    const id = this.database.prepare('SELECT account_id FROM process').get()?.['account_id'];
    return typeof id === 'string' ? id : undefined;
  }

  /** To be called within the transaction that acts on the change. */
  setAccountId(id: string): void {
    this.database.prepare('UPDATE process SET account_id = ?').run(id);
  }

  /** Marks the orderly end, closes the database and gives the folder up. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#ballastTimer);
    try {
      this.database.transaction(() => this.database.prepare('UPDATE process SET clean = 1').run());
    } finally {
      this.database.close();
      this.#lock.release();
    }
  }

  #begin(): boolean {
    return this.database.transaction(() => {
      const clean = this.database.prepare('SELECT clean FROM process').get()?.['clean'] === 1;
      if (!clean) this.counters.increment('uncleanStops', {});
      this.database.prepare('UPDATE process SET clean = 0').run();
      return !clean;
    });
  }
}

function roomOf({
  folder,
  reserveBytes = DEFAULT_RESERVE_BYTES,
  free = () => freeBytes(folder),
}: StoreOptions) {
  return { reserveBytes, free };
}

const ballastOf = (options: StoreOptions): Ballast =>
  new Ballast({ folder: options.folder, ...roomOf(options) });
