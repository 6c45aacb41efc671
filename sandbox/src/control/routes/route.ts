import { z } from 'zod';
import { jid, messageId, number } from '../shapes.ts';

/**
 * What a route answers with: one JSON document; `ndjson`, one JSON object of the result's element type per line;
 * `events`, server-sent events of the result's element type for as long as the caller stays; `bytes`, a file.
 */
export type Format = 'json' | 'ndjson' | 'events' | 'bytes';

/** Method and path of a route, what it takes and what it gives. `:name` in the path is a parameter. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType;
  readonly result: z.ZodType;
  readonly format: Format;
}

/** A route with the exact types of its shapes, from which client and handlers are typed. */
export const route = <
  const P extends z.ZodObject,
  const Q extends z.ZodObject,
  const B extends z.ZodType,
  const R extends z.ZodType,
  const F extends Format = 'json',
>(
  method: Route['method'],
  path: string,
  summary: string,
  shapes: { readonly params: P; readonly query: Q; readonly body: B; readonly result: R },
  format: F = 'json' as F,
) => ({ method, path, summary, ...shapes, format }) as const;

export const nothing = z.null();
export const noParams = z.strictObject({});
export const noQuery = z.strictObject({});
export const inAccount = z.strictObject({ number });
export const inMessage = z.strictObject({ number, chat: jid, id: messageId });
