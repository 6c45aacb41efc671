import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { InboundEngine } from '../engine/inbound.ts';
import { Failure } from '../failure.ts';
import { type DiskReserve, spendableBytes } from '../store/disk.ts';
import type { StoredEvent } from './event.ts';

export interface MediaFilesOptions {
  readonly folder: string;
  readonly engine: { readonly inbound: InboundEngine };
  readonly reserve: DiskReserve;
  /** Largest file that is fetched. Bytes. */
  readonly maxSize: number;
  /** What all kept files may take together; those not asked for longest go first. Bytes. */
  readonly maxTotal: number;
  /** The oldest event that is still in the log. */
  readonly firstEvent: () => number;
}

/** Read from the page at once: what crosses from the browser is held several times over. Bytes. */
const CHUNK = 2 ** 20;

export interface EventFile {
  readonly path: string;
  readonly mimetype: string;
  readonly filename: string | undefined;
}

type Code = 'event_not_found' | 'media_gone' | 'inbound_media_too_large' | 'storage_full';
const refused = (code: Code, retry: 'retry' | 'terminal', message: string): Failure<Code> =>
  new Failure(code, retry, message);

/**
 * Files of messages in the log, on the volume. Guarantees: a file is complete or not there; it is fetched once
 * however many ask at the same time; all of them together, and each, are bounded; they go with their events.
 */
export class MediaFiles {
  readonly #options: MediaFilesOptions;
  readonly #underWay = new Map<number, Promise<EventFile>>();
  /** One after the other: each is held in the page's memory. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(options: MediaFilesOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(options.folder)) {
      if (name.endsWith('.part')) rmSync(join(options.folder, name), { force: true });
    }
  }

  /** @throws Failure<Code>, EngineError */
  async get(event: StoredEvent | undefined): Promise<EventFile> {
    const media = event?.payload['media'] as
      | {
          readonly mimetype: string | null;
          readonly filename: string | null;
          readonly size: number | null;
        }
      | null
      | undefined;
    if (event?.message === undefined || media === undefined || media === null) {
      throw refused('event_not_found', 'terminal', 'there is no event of this id with a file');
    }
    if ((media.size ?? 0) > this.#options.maxSize) throw tooLarge(this.#options.maxSize);
    const file: EventFile = {
      path: join(this.#options.folder, String(event.id)),
      mimetype: safeType(media.mimetype),
      filename: media.filename ?? undefined,
    };
    if (this.#touch(file.path)) return file;
    const known = this.#underWay.get(event.id);
    if (known !== undefined) return await known;
    const { message } = event;
    const fetched = this.#line.then(() => this.#fetch(message, file));
    this.#line = fetched.catch(() => undefined);
    this.#underWay.set(event.id, fetched);
    try {
      return await fetched;
    } finally {
      this.#underWay.delete(event.id);
    }
  }

  /** Drops files of pruned events, and the least wanted beyond the limit. */
  trim(): void {
    const { folder, maxTotal, firstEvent } = this.#options;
    const first = firstEvent();
    const files = readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ name, stat: statSync(join(folder, name), { throwIfNoEntry: false }) }))
      .sort((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0));
    let total = 0;
    for (const { name, stat } of files) {
      total += stat?.size ?? 0;
      if (Number(name) < first || total > maxTotal) rmSync(join(folder, name), { force: true });
    }
  }

  async #fetch(messageId: string, file: EventFile): Promise<EventFile> {
    const { engine, maxSize, reserve } = this.#options;
    const opened = await engine.inbound.openMedia(messageId, maxSize).catch((error: unknown) => {
      if (error instanceof Error && error.message.includes('file is too large')) throw tooLarge(maxSize);
      throw error;
    });
    if (opened === undefined) throw refused('media_gone', 'terminal', 'WhatsApp has this file no more');
    try {
      if (opened.size > spendableBytes(reserve)) {
        throw refused('storage_full', 'retry', 'the volume has no room for the file');
      }
      await this.#copy(opened.token, opened.size, file.path);
    } finally {
      await engine.inbound.closeMedia(opened.token).catch(() => undefined);
    }
    this.trim();
    return file;
  }

  async #copy(token: string, size: number, path: string): Promise<void> {
    const part = `${path}.part`;
    try {
      const handle = await open(part, 'w', 0o600);
      try {
        for (let offset = 0; offset < size; offset += CHUNK) {
          const chunk = await this.#options.engine.inbound.readMedia(token, offset, CHUNK);
          await handle.write(Buffer.from(chunk, 'base64'));
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      renameSync(part, path);
    } catch (error) {
      rmSync(part, { force: true });
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
        throw new Failure('storage_full', 'retry', 'the volume has no room for the file', { cause: error });
      }
      throw error;
    }
  }

  #touch(path: string): boolean {
    try {
      const now = new Date();
      utimesSync(path, now, now);
      return true;
    } catch {
      return false;
    }
  }
}

const tooLarge = (maxSize: number) =>
  refused(
    'inbound_media_too_large',
    'terminal',
    `the file is larger than ${maxSize} bytes (INBOX_MEDIA_MAX_SIZE)`,
  );

/** True for an event about a message with a file. */
export const hasFile = ({ payload }: Pick<StoredEvent, 'payload'>): boolean =>
  typeof payload['media'] === 'object' && payload['media'] !== null;

/** The sender says what it is; it becomes a header. */
const safeType = (mimetype: string | null): string =>
  mimetype !== null && /^[\w.+-]{1,100}\/[\w.+-]{1,100}(; ?[\w-]{1,40}=[\w."-]{1,40}){0,3}$/.test(mimetype)
    ? mimetype
    : 'application/octet-stream';
