import type { MediaInfo, MediaKind } from '../src/wire.ts';
import { Model } from './model.ts';

/** A file in the page's memory, with an address for display. */
export class OpaqueData {
  readonly #blob: Blob;
  #url: string | undefined;

  private constructor(blob: Blob) {
    this.#blob = blob;
  }

  static async createFromData(data: Blob, mimetype: string): Promise<OpaqueData> {
    return new OpaqueData(data.type === mimetype ? data : new Blob([data], { type: mimetype }));
  }

  get type(): string {
    return this.#blob.type;
  }

  get size(): number {
    return this.#blob.size;
  }

  url(): string {
    this.#url ??= URL.createObjectURL(this.#blob);
    return this.#url;
  }

  autorelease(): void {
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  formData(): Blob {
    return this.#blob;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#blob.arrayBuffer();
  }
}

interface MediaFields {
  readonly mediaStage: string;
  readonly type?: MediaKind;
  readonly mimetype?: string;
  readonly size?: number;
  readonly filehash?: string;
  readonly filename?: string | undefined;
  readonly isGif?: boolean;
}

/** What is known about a file: while it is prepared for sending, or of one that came. */
export class MediaData extends Model<MediaFields> {
  declare readonly mediaStage: string;
  declare readonly type?: MediaKind;
  declare readonly filehash?: string;
  declare mediaBlob?: OpaqueData;
  declare renderableUrl?: string;
}

/** The file behind a hash, while the page has it. */
export interface MediaObject {
  readonly filehash: string;
  type: MediaKind;
  size: number;
  readonly contentInfo: { readonly waveform?: Uint8Array };
  blob: OpaqueData | undefined;
  consolidate: (fields: Readonly<Record<string, unknown>>) => void;
}

const objects = new Map<string, MediaObject>();

export function getOrCreateMediaObject(filehash: string): MediaObject {
  const known = objects.get(filehash);
  if (known !== undefined) return known;
  const made: MediaObject = {
    filehash,
    type: 'document',
    size: 0,
    contentInfo: {},
    blob: undefined,
    consolidate: (fields) => {
      made.type = fields['type'] as MediaKind;
      made.size = Number(fields['size']);
    },
  };
  objects.set(filehash, made);
  return made;
}

export interface MediaParams {
  readonly asSticker?: boolean;
  readonly asGif?: boolean;
  readonly isPtt?: boolean;
  readonly asDocument?: boolean;
}

function kindOf(mimetype: string, params: MediaParams): MediaKind {
  if (params.asDocument) return 'document';
  if (params.asSticker) return 'sticker';
  const [family] = mimetype.split('/');
  if (family === 'audio') return params.isPtt ? 'ptt' : 'audio';
  return family === 'image' || family === 'video' ? family : 'document';
}

export async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** Finds out all about a file that is to be sent. */
export function prepRawMedia(
  data: OpaqueData,
  params: MediaParams,
): { waitForPrep: () => Promise<MediaData> } {
  return {
    waitForPrep: async () => {
      const filehash = await hashOf(await data.arrayBuffer());
      const blob = data.formData();
      const prepared = new MediaData({
        mediaStage: 'RESOLVED',
        type: kindOf(data.type, params),
        mimetype: data.type,
        size: data.size,
        filehash,
        filename: blob instanceof File ? blob.name : undefined,
        isGif: params.asGif ?? false,
      });
      prepared.mediaBlob = data;
      getOrCreateMediaObject(filehash).blob = data;
      return prepared;
    },
  };
}

/** Where the server keeps an uploaded file. */
export type Uploaded = Pick<MediaInfo, 'size' | 'filehash' | 'directPath' | 'mediaKey'>;

export async function upload(blob: Blob): Promise<Uploaded> {
  const response = await fetch('/v/media', { method: 'POST', body: blob });
  if (!response.ok) throw new Error(`upload failed: ${response.status}`);
  return (await response.json()) as Uploaded;
}

/** Uploads a prepared file, with the answer in the shape that whatsapp-web.js reads. */
export async function uploadMedia({
  mediaObject,
}: {
  readonly mediaObject: MediaObject;
}): Promise<{ readonly mediaEntry: Readonly<Record<string, unknown>> }> {
  if (mediaObject.blob === undefined) throw new Error('upload failed: the file is gone');
  const kept = await upload(mediaObject.blob.formData());
  mediaObject.size = kept.size;
  return {
    mediaEntry: {
      mmsUrl: kept.directPath,
      deprecatedMms3Url: kept.directPath,
      directPath: kept.directPath,
      mediaKey: kept.mediaKey,
      mediaKeyTimestamp: Math.floor(Date.now() / 1000),
      encFilehash: kept.filehash,
      uploadHash: kept.filehash,
    },
  };
}

/** Fetches a file's bytes; throws with `status` 404 when the server has it no more, and when they are others. */
export async function download({
  directPath,
  filehash,
}: {
  readonly directPath: string;
  readonly filehash: string;
}): Promise<ArrayBuffer> {
  const response = await fetch(directPath);
  if (!response.ok) throw Object.assign(new Error('media is missing'), { status: response.status });
  const bytes = await response.arrayBuffer();
  if ((await hashOf(bytes)) !== filehash) throw new Error('media hash differs');
  return bytes;
}
