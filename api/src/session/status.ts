import { z } from 'zod';
import { sessionState, transitionReason } from './state.ts';

/** What the session pod says about itself: on the API to whoever has the key, on the health port to the operator. */

export const timestamp = z.iso.datetime().describe('RFC 3339, UTC, with milliseconds');

export const accountSchema = z
  .strictObject({
    id: z.string().describe('`<digits>@c.us`'),
    name: z.string().nullable(),
    platform: z.string().nullable().describe('What the phone is, as it says itself'),
  })
  .meta({ id: 'Account' });

export const versionsSchema = z
  .strictObject({
    engine: z.string().describe('Name and version of the library that drives WhatsApp Web'),
    browser: z.string().nullable(),
    whatsappWeb: z.string().nullable(),
  })
  .meta({ id: 'Versions' });

export const outboxSummarySchema = z
  .strictObject({
    queued: z.int().min(0).describe('Accepted, and not handed to WhatsApp Web yet'),
    sending: z.int().min(0).describe("Handed over; WhatsApp's server has not acknowledged them yet"),
    unknown: z.int().min(0).describe('Ended without proof either way'),
    oldestSeconds: z
      .number()
      .min(0)
      .nullable()
      .describe('Age of the oldest message that is queued or sending'),
    accepting: z
      .boolean()
      .describe('False while new messages are refused with 507, because the volume is nearly full'),
  })
  .meta({ id: 'OutboxSummary' });

export const disconnectSchema = z
  .strictObject({
    reason: transitionReason,
    at: timestamp,
  })
  .meta({ id: 'Disconnect' });

/** `/status` on the health port. Carries no QR code, no pairing code and no key. */
export const statusSchema = z
  .strictObject({
    session: z.string().describe('SESSION_NAME'),
    state: sessionState,
    reason: transitionReason.describe('Why the state was entered'),
    detail: z.string().describe('For people: what was seen'),
    since: timestamp.describe('When the state was entered'),
    live: z.boolean().describe('False once recovery within the process has given up'),
    account: accountSchema.nullable().describe('Known once linked'),
    registrationDurable: z
      .boolean()
      .describe('Whether the registration has certainly reached the disk: a kill now needs no second scan'),
    connectedSince: timestamp.nullable(),
    lastDisconnect: disconnectSchema
      .nullable()
      .describe('The last time that Connected was left, kept over restarts'),
    versions: versionsSchema,
    outbox: outboxSummarySchema,
    restarts: z
      .strictObject({
        engine: z
          .int()
          .min(0)
          .describe('Times that the browser was begun anew, over the whole life of the data folder'),
        uncleanStops: z.int().min(0).describe('Times that the process ended without its shutdown'),
        processStartedAt: timestamp,
      })
      .meta({ id: 'Restarts' }),
  })
  .meta({ id: 'Status' });
export type Status = z.infer<typeof statusSchema>;

/** `GET /api/v1/session`: the status, and whether there is a code to link with. */
export const sessionSchema = statusSchema
  .extend({
    pairing: z
      .strictObject({ method: z.enum(['QRCode', 'PairingCode']), since: timestamp })
      .nullable()
      .describe(
        'What waits to be used for linking; the code itself is at /session/qr or /session/pairing-code',
      ),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof sessionSchema>;
