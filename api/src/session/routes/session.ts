import { z } from 'zod';
import { phoneNumber } from '../chat-id.ts';
import { json, route } from '../route.ts';
import { statsSchema } from '../stats.ts';
import { sessionSchema, timestamp } from '../status.ts';

/** Routes about the session itself: how it does, how it is linked, and what a person can do to it. */

export const qrSchema = z
  .strictObject({
    qr: z.string().describe('The text of the QR code, for whoever draws it'),
    since: timestamp.describe('A code lives for about 20 seconds, the first for 60; then there is another'),
  })
  .meta({ id: 'QrCode' });

export const pairingCodeSchema = z
  .strictObject({
    code: z.string().describe('To be entered on the phone: Linked devices → Link with phone number'),
    phoneNumber: z.string().describe('Digits only'),
    since: timestamp,
  })
  .meta({ id: 'PairingCode' });

const empty = z.strictObject({}).optional();

export const sessionRoutes = {
  getSession: route({
    method: 'GET',
    path: '/api/v1/session',
    tag: 'Session',
    summary: 'State, account, versions, queue',
    description: 'Always answers, whatever state the session is in.',
    answers: { 200: json('The session', sessionSchema) },
  }),
  getQr: route({
    method: 'GET',
    path: '/api/v1/session/qr',
    tag: 'Session',
    summary: 'The QR code to link with',
    description:
      'A credential: whoever scans it owns this session. As JSON, as PNG (`format=png` or `Accept: image/png`) or ' +
      'as characters for a terminal (`format=text` or `Accept: text/plain`). Ask again every few seconds: codes expire.',
    query: z.strictObject({ format: z.enum(['json', 'png', 'text']).optional() }),
    answers: {
      200: {
        description: 'The code that is valid now',
        content: [
          { type: 'json', schema: qrSchema },
          { type: 'bytes', mimetype: 'image/png' },
          { type: 'text' },
        ],
      },
    },
    problems: ['not_pairing', 'already_linked', 'session_failed', 'not_acceptable'],
  }),
  getPairingCode: route({
    method: 'GET',
    path: '/api/v1/session/pairing-code',
    tag: 'Session',
    summary: 'The pairing code that is valid now',
    description: 'Only after one has been asked for, by POST or by the setting PAIRING_METHOD.',
    answers: { 200: json('The code', pairingCodeSchema) },
    problems: ['not_pairing', 'already_linked', 'session_failed'],
  }),
  requestPairingCode: route({
    method: 'POST',
    path: '/api/v1/session/pairing-code',
    tag: 'Session',
    summary: 'Link by a code that is typed on the phone',
    description: 'Switches from the QR code to a pairing code for this phone number.',
    body: z.strictObject({ phoneNumber }),
    answers: { 200: json('The code', pairingCodeSchema) },
    problems: [
      'not_pairing',
      'already_linked',
      'session_failed',
      'engine_timeout',
      'engine_failed',
      'not_connected',
    ],
  }),
  getStats: route({
    method: 'GET',
    path: '/api/v1/stats',
    tag: 'Session',
    summary: 'Everything that was counted, and whether it adds up',
    description: 'Over the whole life of the data folder; restarts reset nothing.',
    answers: { 200: json('The accounts', statsSchema) },
  }),
  restartSession: route({
    method: 'POST',
    path: '/api/v1/session/restart',
    tag: 'Session',
    summary: 'Begins the browser anew, with the same registration',
    description:
      'Leads out of Failed too. Messages stay in the queue. Answers before the session is connected again.',
    body: empty,
    answers: { 202: json('Begun', sessionSchema) },
  }),
  logoutSession: route({
    method: 'POST',
    path: '/api/v1/session/logout',
    tag: 'Session',
    summary: 'Unlinks the account and forgets its registration',
    description:
      'The session returns to Pairing and has to be linked again. Messages in the queue stay there and are sent by ' +
      'whichever account is linked next: cancel them first if that is not meant.',
    body: empty,
    answers: { 202: json('Begun', sessionSchema) },
  }),
  getScreenshot: route({
    method: 'GET',
    path: '/api/v1/session/screenshot',
    tag: 'Session',
    summary: 'What the page looks like now',
    description: 'May show chats, or the code to link with: treat it as a credential.',
    answers: { 200: { description: 'The page', content: [{ type: 'bytes', mimetype: 'image/png' }] } },
    problems: ['not_connected', 'engine_timeout', 'engine_failed'],
  }),
} as const;
