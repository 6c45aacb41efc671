import { z } from 'zod';
import { accountSchema, contactSchema, groupSchema, jid, number, pendingLinkSchema } from '../shapes.ts';
import { inAccount, noParams, noQuery, nothing, route } from './route.ts';

/** The accounts, the devices linked to them, whom they know. */
export const accountRoutes = {
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
    result: z.array(pendingLinkSchema),
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
  listContacts: route('GET', '/accounts/:number/contacts', "The people in the account's address book", {
    params: inAccount,
    query: noQuery,
    body: nothing,
    result: z.array(contactSchema),
  }),
  listGroups: route('GET', '/accounts/:number/groups', 'The groups that the account is in', {
    params: inAccount,
    query: noQuery,
    body: nothing,
    result: z.array(groupSchema),
  }),
} as const;
