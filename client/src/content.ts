import { WhatsAppError } from './errors.ts';
import type { MediaSource, MessageContent, SendRequest } from './generated/contract.ts';
import type { RequestBody } from './http/transport.ts';

/** What can be sent, as callers give it, and the request that it becomes. */

/**
 * A file: by `url` (the session fetches it), by `path` on this machine, or its bytes. A stream is read to its end
 * first, because a repetition has to send the same bytes; for what does not fit into memory give a path.
 */
export type FileSource =
  | Exclude<MediaSource, { readonly part: string }>
  | { readonly path: string }
  | Blob
  | Uint8Array
  | ArrayBuffer
  | AsyncIterable<Uint8Array>;

type WithFile<C> = C extends { readonly media: MediaSource }
  ? Omit<C, 'media'> & { readonly media: FileSource }
  : C;

/** A text, or any kind of content. */
export type Content = string | WithFile<MessageContent>;

export interface SendDetails {
  /** The message that this one answers: its full id at WhatsApp. */
  readonly replyTo?: string | undefined;
  /** Who is mentioned in the text or caption. */
  readonly mentions?: readonly string[] | undefined;
  /** When it has not left by then, it is given up. 1 to 2592000; default: the session's setting. */
  readonly expiresAfterSeconds?: number | undefined;
}

/** The body of a request, which can be made again as often as it takes. */
export interface SendBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly make: () => RequestBody;
}

/** Name of the part that carries the file. */
const PART = 'file';

/** @throws WhatsAppError `file_unreadable` */
export async function sendBody(to: string, content: Content, details: SendDetails): Promise<SendBody> {
  if (typeof content === 'string') return jsonBody(to, { type: 'text', text: content }, details);
  if (!('media' in content)) return jsonBody(to, content, details);
  const { media } = content;
  if (isNamed(media)) return jsonBody(to, { ...content, media }, details);
  const { blob, filename } = await readFile(media);
  const message = JSON.stringify(request(to, { ...content, media: { part: PART } }, details));
  return {
    // The boundary, and with it the content type, is made by fetch.
    headers: {},
    make: () => {
      const form = new FormData();
      form.set('message', message);
      form.set(PART, blob, content.filename ?? filename ?? 'file');
      return form;
    },
  };
}

function jsonBody(to: string, content: MessageContent, details: SendDetails): SendBody {
  const text = JSON.stringify(request(to, content, details));
  return { headers: { 'content-type': 'application/json' }, make: () => text };
}

const request = (to: string, content: MessageContent, details: SendDetails): SendRequest => ({
  to,
  content,
  replyTo: details.replyTo,
  mentions: details.mentions,
  expiresAfterSeconds: details.expiresAfterSeconds,
});

type Named = Exclude<MediaSource, { readonly part: string }>;

const isNamed = (media: FileSource): media is Named => 'url' in media || 'data' in media;

interface OpenedFile {
  readonly blob: Blob;
  readonly filename?: string | undefined;
}

async function readFile(media: Exclude<FileSource, Named>): Promise<OpenedFile> {
  if (media instanceof Blob) return { blob: media, filename: media instanceof File ? media.name : undefined };
  if (media instanceof ArrayBuffer || ArrayBuffer.isView(media))
    return { blob: new Blob([media as Uint8Array<ArrayBuffer>]) };
  if ('path' in media) return await openPath(media.path);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  try {
    for await (const chunk of media) chunks.push(Uint8Array.from(chunk));
  } catch (cause) {
    throw unreadable('the stream of the file broke', cause);
  }
  return { blob: new Blob(chunks) };
}

/** Read piece by piece while it is sent, so that a large file never lies in memory as a whole. */
async function openPath(path: string): Promise<OpenedFile> {
  const { openAsBlob } = await import('node:fs');
  const { access, constants } = await import('node:fs/promises');
  const { basename } = await import('node:path');
  try {
    await access(path, constants.R_OK);
    return { blob: await openAsBlob(path), filename: basename(path) };
  } catch (cause) {
    throw unreadable(`${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

const unreadable = (what: string, cause: unknown): WhatsAppError =>
  new WhatsAppError('file_unreadable', 'terminal', what, { cause });
