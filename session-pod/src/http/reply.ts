import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { RouteName, RouteRequest } from '@whatsapp-operator/api/session';
import type { Response } from 'express';
import type { StagedMedia } from '../media/media.ts';

/** What a handler answers. */
export interface Reply {
  readonly status: number;
  readonly content:
    | { readonly type: 'json'; readonly value: unknown }
    | { readonly type: 'bytes'; readonly mimetype: string; readonly bytes: Uint8Array }
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'file'; readonly path: string; readonly mimetype: string }
    | {
        readonly type: 'stream';
        readonly mimetype: string;
        /** Writes piece by piece; each is awaited, so that a slow client slows nobody else. Ends when it resolves. */
        readonly write: (sink: (text: string) => Promise<void>) => Promise<void>;
      };
  readonly headers?: Readonly<Record<string, string>>;
}

/** What else a handler gets to know of its request. */
export interface Context {
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** The best of the given content types for this client, by its Accept header; undefined when none will do. */
  readonly accepts: (mimetypes: readonly string[]) => string | undefined;
  /** Files of a multipart request by the name of their part, already on the volume. */
  readonly files: ReadonlyMap<string, StagedMedia>;
}

export type Handler<N extends RouteName> = (
  request: RouteRequest<N>,
  context: Context,
) => Reply | Promise<Reply>;

export type Handlers<N extends RouteName = RouteName> = { readonly [K in N]: Handler<K> };

export const jsonReply = (status: number, value: unknown, headers: Reply['headers'] = {}): Reply => ({
  status,
  content: { type: 'json', value },
  headers,
});

/** Sends a reply; nothing of the API may be kept by a cache. */
export async function send(response: Response, { status, content, headers = {} }: Reply): Promise<void> {
  response.status(status).set(headers);
  switch (content.type) {
    case 'json':
      // The newline is for people with curl.
      response.type('json').send(`${JSON.stringify(content.value)}\n`);
      return;
    case 'bytes':
      response.type(content.mimetype).send(Buffer.from(content.bytes));
      return;
    case 'text':
      response.type('text/plain').send(content.text);
      return;
    case 'file':
      // As it is: express would add a charset.
      response.setHeader('content-type', content.mimetype);
      await pipeline(createReadStream(content.path), response);
      return;
    case 'stream':
      response.setHeader('content-type', content.mimetype);
      response.setHeader('x-accel-buffering', 'no');
      await content.write((text) => writeTo(response, text));
      response.end();
      return;
  }
}

/** Resolves when the client has room for more, or is gone. */
async function writeTo(response: Response, text: string): Promise<void> {
  if (response.closed || response.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
