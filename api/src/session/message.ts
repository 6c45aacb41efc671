import { z } from 'zod';
import { chatId } from './chat-id.ts';
import { contentType, messageContent, whatsappMessageId } from './content.ts';
import { timestamp } from './status.ts';

/** A message that was accepted for sending: the request, what becomes of it, and how that is told. */

/**
 * Where a message is. Exactly one holds. An acknowledgement moves any state forward and never back, even one that
 * had ended: what WhatsApp confirms is true.
 */
export const messageStatus = z.enum([
  /** On disk, and certainly not sent: waits for its turn, or for the next attempt. */
  'queued',
  /** Handed to WhatsApp Web, or possibly so; no acknowledgement of the server yet. */
  'sending',
  /** WhatsApp's server has it. */
  'sent',
  /** It reached a device of the recipient. */
  'delivered',
  'read',
  /** A voice message was listened to. */
  'played',
  /** Proven not sent, and given up; `outcome` says why. */
  'failed',
  /** Its time ran out, and it is proven not sent. */
  'expired',
  /** Cancelled by request, and proven not sent. */
  'cancelled',
  /** Given up, and nothing proves that it was sent or that it was not; `outcome` says what was checked. */
  'unknown',
]);
export type MessageStatus = z.infer<typeof messageStatus>;

/** Why a message ended otherwise than sent. A closed list: metrics use it as a label. */
export const outcomeCode = z.enum([
  // Refusals, each before anything was handed over.
  'not_on_whatsapp',
  'chat_not_found',
  'not_a_member',
  'invalid_media',
  'quoted_message_not_found',
  'message_not_found',
  'unsupported_content',
  /** The stored file is gone, or cannot be read. */
  'media_missing',
  /** WhatsApp Web gave up on the message, twice. */
  'rejected_by_whatsapp',
  /** Every attempt that the settings allow was made. */
  'attempts_exhausted',
  /** The time it was given is over. */
  'expired',
  /** A request cancelled it. */
  'cancelled',
  /** The message is absent from WhatsApp Web after it was handed over, and the settings say not to send again. */
  'not_proven',
  /** The device was unlinked: WhatsApp Web no longer has what could prove anything. */
  'logged_out',
  /** Another account was linked than the one that the message was accepted for. */
  'account_changed',
]);
export type OutcomeCode = z.infer<typeof outcomeCode>;

/** What one attempt came to. */
export const attemptOutcome = z.enum([
  /** WhatsApp Web has stored it under its id. */
  'inserted',
  /** The call was not begun, because the session was not connected. Costs no attempt. */
  'not_begun',
  /** Refused before anything was stored. */
  'refused',
  /** WhatsApp Web answered with nothing. */
  'no_result',
  /** WhatsApp Web threw. */
  'rejected',
  /** No answer within the deadline. */
  'timeout',
  /** The page or the browser ended meanwhile. */
  'engine_lost',
  /** This process ended meanwhile. */
  'interrupted',
]);
export type AttemptOutcome = z.infer<typeof attemptOutcome>;

/** Why an attempt was made. */
export const attemptReason = z.enum([
  'first',
  /** The call before was never begun. */
  'not_begun',
  /** WhatsApp Web lacks the message after a call of which nothing is proven: the same id once more. */
  'absent',
  /** WhatsApp Web has it and gave up on it. */
  'gave_up',
  /** A reaction, which nobody can be asked about, and which may be set twice. */
  'repeatable',
]);
export type AttemptReason = z.infer<typeof attemptReason>;

export const sendRequestSchema = z
  .strictObject({
    to: chatId,
    content: messageContent,
    replyTo: whatsappMessageId.optional().describe('The message that this one answers'),
    mentions: z.array(chatId).max(1024).default([]).describe('Who is mentioned in the text or caption'),
    expiresAfterSeconds: z
      .int()
      .min(1)
      .max(30 * 24 * 3600)
      .optional()
      .describe('When it has not left by then, it is given up. Default: the setting'),
  })
  .meta({ id: 'SendRequest' });
export type SendRequest = z.infer<typeof sendRequestSchema>;

/** Any printable ASCII, chosen by the client; a UUID is a good one. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters without blanks');

const attemptSchema = z
  .strictObject({
    number: z.int().min(1),
    reason: attemptReason,
    begunAt: timestamp,
    endedAt: timestamp.nullable(),
    outcome: attemptOutcome.nullable().describe('null while it runs'),
    detail: z.string().nullable(),
  })
  .meta({ id: 'Attempt' });

export const messageSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^3EB0[0-9A-F]{18}$/)
      .describe('Made when the message was accepted, and the same in every attempt; part of `messageId`'),
    to: z.string().describe('`<digits>@c.us`, `…@lid` or `…@g.us`'),
    type: contentType,
    status: messageStatus,
    outcome: z
      .strictObject({ code: outcomeCode, detail: z.string() })
      .nullable()
      .describe('Why it ended, when it ended otherwise than sent'),
    messageId: z
      .string()
      .nullable()
      .describe('The full id at WhatsApp, once WhatsApp Web has told it; replies and reactions refer to it'),
    acceptedAt: timestamp,
    expiresAt: timestamp,
    nextAttemptAt: timestamp.nullable().describe('Not tried again before, while it waits after an attempt'),
    sentAt: timestamp.nullable(),
    deliveredAt: timestamp.nullable(),
    readAt: timestamp.nullable(),
    endedAt: timestamp.nullable().describe('When it was sent or given up; it is deleted some days later'),
    attempts: z.array(attemptSchema),
  })
  .meta({ id: 'Message' });
export type MessageResource = z.infer<typeof messageSchema>;

export const messagePageSchema = z
  .strictObject({
    messages: z.array(messageSchema),
    next: z.string().nullable().describe('Pass as `cursor` for what follows; null at the end'),
  })
  .meta({ id: 'MessagePage' });
export type MessagePage = z.infer<typeof messagePageSchema>;

/** What `wait` can wait for. */
export const waitTarget = z.enum(['sent', 'delivered']);
export type WaitTarget = z.infer<typeof waitTarget>;
