import { z } from 'zod';

/**
 * What the ledger records, in the order in which the server saw it.
 *
 * Outbound: `submitted` (the device handed a message over, every time), then one of `accepted`,
 * `deduplicated` (the id was known: dropped) and `refused`; `delivered` when the recipient has it, once per
 * copy; `read`, `played`. Inbound: `injected` (someone wrote to the account), `received` (a device said that
 * it has it). `edited`, `revoked`, `reacted` and `voted` on either side.
 */
export const ledgerKind = z.enum([
  'submitted',
  'accepted',
  'deduplicated',
  'refused',
  'delivered',
  'read',
  'played',
  'injected',
  'received',
  'edited',
  'revoked',
  'reacted',
  'voted',
]);

export const ledgerEntrySchema = z
  .strictObject({
    seq: z.int().describe('Position in the ledger, rising'),
    at: z.int().describe('Milliseconds since the epoch'),
    account: z.string().describe("The account's number"),
    chat: z.string().describe('The chat, as the account names it'),
    kind: ledgerKind,
    id: z.string().describe('The message id, without direction and chat'),
    device: z.string().nullable().describe('The linked device that sent or received, if one did'),
    detail: z.string().nullable().describe('The body of a message, the code of a refusal, an emoji'),
  })
  .meta({ id: 'LedgerEntry' });

export type LedgerKind = z.output<typeof ledgerKind>;
export type LedgerEntry = z.output<typeof ledgerEntrySchema>;
