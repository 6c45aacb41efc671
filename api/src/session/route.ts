import { z } from 'zod';
import type { ProblemCode } from './problem.ts';

/** A body of an answer: JSON of a shape, or bytes or text of a content type. */
export type AnswerContent =
  | { readonly type: 'json'; readonly schema: z.ZodType }
  | { readonly type: 'bytes'; readonly mimetype: string }
  | { readonly type: 'text' };

export interface Answer {
  readonly description: string;
  readonly content: readonly AnswerContent[];
  /** Headers besides the usual ones, with what they say. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One route of the session's HTTP API, complete: the server validates with it, the client is typed by it, and the
 * OpenAPI document and the readable page are generated from it.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** `:name` is a parameter. */
  readonly path: string;
  readonly tag: 'Messages' | 'Events' | 'Webhooks' | 'Session' | 'Directory';
  readonly summary: string;
  readonly description: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** Request headers that mean something, by their lower-case name. */
  readonly headers: z.ZodObject;
  /** The JSON body; undefined when the route takes none. */
  readonly body: z.ZodType | undefined;
  /** JSON bodies as they are written, by what they are an example of. */
  readonly examples: Readonly<Record<string, unknown>>;
  /** What else than JSON the body may be, each with what it is for people. */
  readonly otherBodies: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Problems of this route besides those that every route has. */
  readonly problems: readonly ProblemCode[];
}

/** Problems that any route can answer with. */
export const commonProblems: readonly ProblemCode[] = [
  'invalid_request',
  'unauthorized',
  'foreign_page',
  'not_found',
  'method_not_allowed',
  'request_timeout',
  'request_headers_too_large',
  'too_many_requests',
  'internal',
  'shutting_down',
];

export const nothing = z.strictObject({});

/** A cursor page's size. */
export const limit = (fallback: number, max: number) =>
  z.coerce.number().int().min(1).max(max).default(fallback).describe('How many at most');

export const json = (description: string, schema: z.ZodType, headers?: Answer['headers']): Answer => ({
  description,
  content: [{ type: 'json', schema }],
  ...(headers === undefined ? {} : { headers }),
});

type RouteDefaults = {
  readonly params: typeof nothing;
  readonly query: typeof nothing;
  readonly headers: typeof nothing;
  readonly body: undefined;
  readonly examples: Readonly<Record<string, unknown>>;
  readonly otherBodies: Readonly<Record<string, string>>;
  readonly problems: readonly ProblemCode[];
};

const defaults: RouteDefaults = {
  params: nothing,
  query: nothing,
  headers: nothing,
  body: undefined,
  examples: {},
  otherBodies: {},
  problems: [],
};

type Given = Pick<Route, 'method' | 'path' | 'tag' | 'summary' | 'description' | 'answers'> & Partial<Route>;

/** A route: what is not given is empty. */
export const route = <const G extends Given>(given: G): Omit<RouteDefaults, keyof G> & G => ({
  ...defaults,
  ...given,
});
