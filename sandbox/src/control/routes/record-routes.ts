import { z } from 'zod';
import { ledgerEntrySchema, ledgerKind } from '../../ledger/entry.ts';
import { liveEventSchema } from '../live-event.ts';
import { address, comparisonSchema, number } from '../shapes.ts';
import { noParams, noQuery, nothing, route } from './route.ts';

const ledgerQuery = z.strictObject({
  account: number.optional(),
  chat: z.string().optional(),
  kind: ledgerKind.optional(),
  id: z.string().optional(),
  after: z.coerce.number().int().min(0).optional().describe('Only entries behind this position'),
  limit: z.coerce.number().int().min(1).optional(),
  last: z.coerce.number().int().min(1).optional().describe('Only the latest so many of all those'),
});

/** What happened, and how a browser comes here. */
export const recordRoutes = {
  browserArgs: route('GET', '/browser-args', 'The Chromium arguments that send a browser here', {
    params: noParams,
    query: z.strictObject({ address: address.optional() }),
    body: nothing,
    result: z.strictObject({ args: z.array(z.string()) }),
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
  events: route(
    'GET',
    '/events',
    'Everything that changes, as server-sent events, from `hello` on',
    {
      params: noParams,
      query: z.strictObject({
        account: number.optional().describe('Chats, messages and ledger of this account only'),
      }),
      body: nothing,
      result: liveEventSchema,
    },
    'events',
  ),
} as const;
