import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SandboxError } from '../errors.ts';
import type { MediaInfo, MediaKind } from '../wire.ts';

/** Where a file lies on the server; `hash` in hexadecimal. */
const pathOf = (hash: string): string => `/v/media/${hash}`;

/** The kind that WhatsApp shows a file as. */
export function mediaKindOf(mimetype: string): MediaKind {
  if (mimetype === 'image/webp') return 'sticker';
  if (mimetype.startsWith('image/')) return 'image';
  if (mimetype.startsWith('video/')) return 'video';
  if (mimetype.startsWith('audio/')) return 'audio';
  return 'document';
}

/** The bytes of every picture and document, by their SHA-256, in the data folder (or in memory). */
export class MediaStore {
  readonly #folder: string | null;
  readonly #memory = new Map<string, Buffer>();

  /** `folder` null keeps everything in memory. */
  constructor(folder: string | null) {
    this.#folder = folder === null ? null : join(folder, 'media');
    if (this.#folder !== null) mkdirSync(this.#folder, { recursive: true });
  }

  /** Keeps the bytes; the same bytes twice are kept once. */
  async put(bytes: Buffer): Promise<Pick<MediaInfo, 'size' | 'filehash' | 'directPath' | 'mediaKey'>> {
    const digest = createHash('sha256').update(bytes).digest();
    const hash = digest.toString('hex');
    if (this.#folder === null) this.#memory.set(hash, bytes);
    else await writeFile(join(this.#folder, hash), bytes);
    return {
      size: bytes.length,
      filehash: digest.toString('base64'),
      directPath: pathOf(hash),
      mediaKey: randomBytes(32).toString('base64'),
    };
  }

  /** Throws MEDIA_UNKNOWN when there is no such file. */
  async get(hash: string): Promise<Buffer> {
    const kept = this.#memory.get(hash);
    if (kept !== undefined) return kept;
    if (this.#folder === null || !/^[0-9a-f]{64}$/.test(hash)) {
      throw new SandboxError('MEDIA_UNKNOWN', `there is no file ${hash}`);
    }
    try {
      return await readFile(join(this.#folder, hash));
    } catch (cause) {
      throw new SandboxError('MEDIA_UNKNOWN', `there is no file ${hash}`, { cause });
    }
  }
}
