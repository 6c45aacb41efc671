import { z } from 'zod';
import { faultSchema } from '../faults/fault.ts';
import { ledgerEntrySchema, ledgerKind } from '../ledger/entry.ts';
import { timingSchema } from '../timing.ts';
import {
  accountSchema,
  address,
  chatSchema,
  comparisonSchema,
  contentSchema,
  faultEntrySchema,
  groupSchema,
  jid,
  messageId,
  messageSchema,
  number,
} from './shapes.ts';

/**
 * The control API: every route with the shape of what goes in and what comes out. The server validates with
 * it, the client is typed by it, and the OpenAPI document is generated from it.
 */

const nothing = z.null();
const inAccount = z.strictObject({ number });
const inMessage = z.strictObject({ number, chat: jid, id: messageId });
const by = jid.optional().describe("Who does it; the chat's person by default");
const noQuery = z.strictObject({});

const ledgerQuery = z.strictObject({
  account: number.optional(),
  chat: z.string().optional(),
  kind: ledgerKind.optional(),
  id: z.string().optional(),
  after: z.coerce.number().int().min(0).optional().describe('Only entries behind this position'),
  limit: z.coerce.number().int().min(1).optional(),
});

/** Method and path of a route, what it takes and what it gives. `:name` in the path is a parameter. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType;
  readonly result: z.ZodType;
  /** 'ndjson': one JSON object of the result's element type per line instead of one document. */
  readonly format: 'json' | 'ndjson';
}

const route = <
  const P extends z.ZodObject,
  const Q extends z.ZodObject,
  const B extends z.ZodType,
  const R extends z.ZodType,
>(
  method: Route['method'],
  path: string,
  summary: string,
  shapes: { readonly params: P; readonly query: Q; readonly body: B; readonly result: R },
  format: Route['format'] = 'json',
) => ({ method, path, summary, ...shapes, format }) as const;

const noParams = z.strictObject({});

export const routes = {
  browserArgs: route('GET', '/browser-args', 'The Chromium arguments that send a browser here', {
    params: noParams,
    query: z.strictObject({ address: address.optional() }),
    body: nothing,
    result: z.strictObject({ args: z.array(z.string()) }),
  }),
  listAccounts: route('GET', '/accounts', 'All accounts with their devices', {
    params: noParams,
    query: noQuery,
    body: nothing,
    result: z.array(accountSchema),
  }),
  createAccount: route('POST', '/accounts', 'Makes an account', {
    params: noParams,
    query: noQuery,
    body: z.strictObject({
      number,
      name: z.string().optional(),
      autoLink: z.boolean().default(false),
      contacts: z.int().min(0).max(1000).default(3).describe('How many invented people it knows'),
    }),
    result: accountSchema,
  }),
  getAccount: route('GET', '/accounts/:number', 'One account', {
    params: inAccount,
    query: noQuery,
    body: nothing,
    result: accountSchema,
  }),
  pendingLinks: route('GET', '/links', 'The pages that wait to be linked', {
    params: noParams,
    query: noQuery,
    body: nothing,
    result: z.array(
      z.strictObject({
        qr: z.string().nullable().describe('The text of the QR code; null when its refs ran out'),
        code: z.strictObject({ code: z.string(), phone: z.string() }).nullable(),
        browser: z.string(),
      }),
    ),
  }),
  scan: route('POST', '/accounts/:number/scan', "The account's phone scans a QR code", {
    params: inAccount,
    query: noQuery,
    body: z.strictObject({
      qr: z
        .string()
        .min(1)
        .optional()
        .describe('The text of the code; without it, the code of the only page that waits'),
    }),
    result: nothing,
  }),
  enterCode: route('POST', '/accounts/:number/enter-code', "The account's phone enters a pairing code", {
    params: inAccount,
    query: noQuery,
    body: z.strictObject({ code: z.string().min(1) }),
    result: nothing,
  }),
  unlink: route('POST', '/accounts/:number/unlink', 'The phone unlinks one device, or all of them', {
    params: inAccount,
    query: noQuery,
    body: z.strictObject({ device: z.string().nullable().default(null) }),
    result: nothing,
  }),
  createGroup: route('POST', '/accounts/:number/groups', 'The account makes a group on its phone', {
    params: inAccount,
    query: noQuery,
    body: z.strictObject({ subject: z.string().min(1), participants: z.array(jid) }),
    result: groupSchema,
  }),
  listChats: route('GET', '/accounts/:number/chats', "The account's chats, latest first", {
    params: inAccount,
    query: noQuery,
    body: nothing,
    result: z.array(chatSchema),
  }),
  listMessages: route(
    'GET',
    '/accounts/:number/chats/:chat/messages',
    'The latest messages of a chat, oldest first',
    {
      params: z.strictObject({ number, chat: jid }),
      query: z.strictObject({
        before: z.string().optional().describe('Only messages before this id'),
        limit: z.coerce.number().int().min(1).max(1000).default(50),
      }),
      body: nothing,
      result: z.array(messageSchema),
    },
  ),
  inject: route(
    'POST',
    '/accounts/:number/messages',
    'Someone writes to the account, or its owner does on the phone',
    {
      params: inAccount,
      query: noQuery,
      body: z.strictObject({
        chat: jid,
        author: jid.optional().describe("The chat's person by default; needed in groups"),
        content: contentSchema,
        replyTo: messageId.optional().describe('A message of the same chat'),
        mentions: z.array(jid).optional(),
        forwarded: z.boolean().optional(),
      }),
      result: messageSchema,
    },
  ),
  edit: route('POST', '/accounts/:number/chats/:chat/messages/:id/edit', 'Its author edits a message', {
    params: inMessage,
    query: noQuery,
    body: z.strictObject({ body: z.string(), by }),
    result: nothing,
  }),
  revoke: route(
    'POST',
    '/accounts/:number/chats/:chat/messages/:id/revoke',
    'A message is deleted for everyone',
    {
      params: inMessage,
      query: noQuery,
      body: z.strictObject({ by }),
      result: nothing,
    },
  ),
  react: route(
    'POST',
    '/accounts/:number/chats/:chat/messages/:id/react',
    'Someone reacts; empty takes it back',
    {
      params: inMessage,
      query: noQuery,
      body: z.strictObject({ emoji: z.string(), by }),
      result: nothing,
    },
  ),
  vote: route('POST', '/accounts/:number/chats/:chat/messages/:id/vote', 'Someone votes in a poll', {
    params: inMessage,
    query: noQuery,
    body: z.strictObject({ options: z.array(z.int().min(0)), by }),
    result: nothing,
  }),
  listFaults: route('GET', '/faults', 'The faults in force', {
    params: noParams,
    query: noQuery,
    body: nothing,
    result: z.array(faultEntrySchema),
  }),
  addFault: route('POST', '/faults', 'Makes something go wrong: at once, or until it is cleared', {
    params: noParams,
    query: noQuery,
    body: z.strictObject({
      account: number.nullable().default(null).describe('null is every account'),
      fault: faultSchema,
      times: z
        .int()
        .min(1)
        .nullable()
        .default(null)
        .describe('For faults that are drawn per send or request'),
    }),
    result: faultEntrySchema.nullable().describe('null for a fault that happened at once'),
  }),
  clearFault: route('DELETE', '/faults/:id', 'Ends a fault', {
    params: z.strictObject({ id: z.string() }),
    query: noQuery,
    body: nothing,
    result: nothing,
  }),
  clearFaults: route('DELETE', '/faults', 'Ends all faults, or those of one account', {
    params: noParams,
    query: z.strictObject({ account: number.optional() }),
    body: nothing,
    result: nothing,
  }),
  getTiming: route('GET', '/timing', 'The delays of the simulation', {
    params: noParams,
    query: noQuery,
    body: nothing,
    result: timingSchema,
  }),
  setTiming: route('PUT', '/timing', 'Changes some delays; pages learn theirs at their next load', {
    params: noParams,
    query: noQuery,
    body: timingSchema.partial(),
    result: timingSchema,
  }),
  ledger: route('GET', '/ledger', 'What really happened, in order', {
    params: noParams,
    query: ledgerQuery,
    body: nothing,
    result: z.array(ledgerEntrySchema),
  }),
  exportLedger: route(
    'GET',
    '/ledger.ndjson',
    'The ledger, one JSON object per line',
    { params: noParams, query: ledgerQuery, body: nothing, result: z.array(ledgerEntrySchema) },
    'ndjson',
  ),
  audit: route(
    'GET',
    '/audit',
    'Whether everything accepted was delivered, once, in order; inbound likewise',
    {
      params: noParams,
      query: z.strictObject({ account: number.optional() }),
      body: nothing,
      result: z.strictObject({ outbound: comparisonSchema, inbound: comparisonSchema }),
    },
  ),
  touched: route('GET', '/touched', 'The page modules and properties that the library used', {
    params: noParams,
    query: z.strictObject({ account: number.optional() }),
    body: nothing,
    result: z.record(z.string(), z.array(z.string())),
  }),
  health: route('GET', '/healthz', 'Whether the sandbox serves', {
    params: noParams,
    query: noQuery,
    body: nothing,
    result: z.strictObject({ status: z.literal('ok') }),
  }),
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

/** What a caller gives: path parameters, query and body, each as it is before defaults. */
export interface RouteInput<N extends RouteName> {
  readonly params: z.input<Routes[N]['params']>;
  readonly query: z.input<Routes[N]['query']>;
  readonly body: z.input<Routes[N]['body']>;
}

/** What a handler gets: validated, with defaults. */
export interface RouteRequest<N extends RouteName> {
  readonly params: z.output<Routes[N]['params']>;
  readonly query: z.output<Routes[N]['query']>;
  readonly body: z.output<Routes[N]['body']>;
}

export type RouteResult<N extends RouteName> = z.output<Routes[N]['result']>;
