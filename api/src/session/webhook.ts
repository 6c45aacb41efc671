import { z } from 'zod';
import { eventType } from './event.ts';
import { timestamp } from './status.ts';

/** Webhooks: where events are sent to, and what became of them. */

const secret = z
  .string()
  .regex(/^[\x21-\x7e]{16,256}$/, 'must be 16 to 256 printable ASCII characters without blanks');

export const webhookId = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a DNS label')
  .describe('Chosen by you, as a DNS label');

const fields = {
  url: z.url({ protocol: /^https?$/ }).max(2048),
  events: z
    .array(eventType)
    .min(1)
    .max(eventType.options.length)
    .describe('Which types; `message.any` includes `message`. Default: all'),
  secrets: z
    .array(secret)
    .max(2)
    .describe('Keys that sign; the first also makes X-Webhook-Hmac. Two while one replaces the other'),
  enabled: z.boolean(),
};

/** A webhook as it is asked for, by API or in the settings. */
export const webhookWish = z
  .strictObject({
    id: webhookId,
    url: fields.url,
    events: fields.events.optional(),
    secrets: fields.secrets.default([]),
    enabled: fields.enabled.default(true),
    after: z
      .int()
      .min(0)
      .optional()
      .describe(
        'The id of the event after which it begins; 0 is the oldest. Default: what happens from now on',
      ),
  })
  .meta({ id: 'WebhookWish' });
export type WebhookWish = z.infer<typeof webhookWish>;

export const webhookChange = z
  .strictObject({
    url: fields.url.optional(),
    events: fields.events.nullable().optional().describe('null is all'),
    secrets: fields.secrets.optional(),
    enabled: fields.enabled.optional(),
  })
  .meta({ id: 'WebhookChange' });
export type WebhookChange = z.infer<typeof webhookChange>;

export const webhookSchema = z
  .strictObject({
    id: webhookId,
    url: z.string(),
    events: z.array(eventType).nullable().describe('null is all'),
    enabled: z.boolean(),
    disabledReason: z.string().nullable().describe('Why it was disabled by itself: the receiver said 410'),
    source: z.enum(['settings', 'api']).describe('Who may change it'),
    secrets: z.int().min(0).max(2).describe('How many keys sign; the keys themselves are never told'),
    createdAt: timestamp,
    deliveredTo: z.int().min(0).describe('Everything up to this event is delivered, dead, or not for it'),
    pending: z.int().min(0).describe('Events that wait for it, as far as they are looked at'),
    oldestPendingSeconds: z.number().min(0).nullable(),
    failingChats: z.int().min(0).describe('Chats whose next event was tried and waits'),
    deadLetters: z.int().min(0),
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof webhookSchema>;

/** What one attempt came to. A closed list: metrics use it as a label. */
export const deliveryOutcome = z.enum([
  /** Answered 2xx. */
  'delivered',
  /** Answered otherwise; counts toward the limit of attempts. */
  'rejected',
  /** Not answered, or with a status that says later: 408, 425, 429, 502, 503, 504. */
  'unavailable',
  /** The address is not public, and others are not allowed. */
  'target_refused',
  /** Answered 410: nothing is sent there any more. */
  'gone',
]);
export type DeliveryOutcome = z.infer<typeof deliveryOutcome>;

export const deliverySchema = z
  .strictObject({
    event: z.int(),
    at: timestamp,
    outcome: deliveryOutcome,
    status: z.int().nullable(),
    tookMs: z.int(),
    detail: z.string(),
  })
  .meta({ id: 'Delivery' });

export const deadLetterSchema = z
  .strictObject({
    event: z.int(),
    chat: z.string().nullable(),
    attempts: z.int(),
    firstTriedAt: timestamp,
    detail: z.string().describe('What the last attempt came to'),
  })
  .meta({ id: 'DeadLetter' });
