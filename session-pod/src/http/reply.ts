import type { RouteName, RouteRequest } from '@whatsapp-operator/api/session';
import type { Response } from 'express';
import type { StagedMedia } from '../media/media.ts';

/** What a handler answers. */
export interface Reply {
  readonly status: number;
  readonly content:
    | { readonly type: 'json'; readonly value: unknown }
    | { readonly type: 'bytes'; readonly mimetype: string; readonly bytes: Uint8Array }
    | { readonly type: 'text'; readonly text: string };
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
export function send(response: Response, { status, content, headers = {} }: Reply): void {
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
  }
}
