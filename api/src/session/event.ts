import { z } from 'zod';
import { sessionState, transitionReason } from './state.ts';
import { timestamp } from './status.ts';

/** What happens to the account and its session: the events of the log, of webhooks and of streams. */

/** A closed list: metrics use it as a label. */
export const eventType = z.enum([
  /** Somebody wrote to the account. */
  'message',
  /** The account wrote, on another device; as a filter: messages of either direction. */
  'message.any',
  'message.edited',
  /** Deleted for everyone. */
  'message.revoked',
  'message.reaction',
  /** WhatsApp acknowledged a message of the account; lower acks that were skipped are implied. */
  'message.ack',
  'call.received',
  /** Somebody joined or left a group, or its settings changed. */
  'group.update',
  'session.status',
  /** Events are missing here: they were pruned before a webhook had them, or history was too long to be read. */
  'gap',
]);
export type EventType = z.infer<typeof eventType>;

/** True when an event is wanted by somebody who asked for these types. */
export const isWanted = (type: EventType, wanted: readonly EventType[] | undefined): boolean =>
  wanted === undefined || wanted.includes(type) || (type === 'message' && wanted.includes('message.any'));

/** The types that somebody gets who asked for these. */
export const typesOf = (wanted: readonly EventType[] | undefined): readonly EventType[] | undefined =>
  wanted === undefined ? undefined : eventType.options.filter((type) => isWanted(type, wanted));

const seconds = z.int().describe('Seconds since 1970');
const fullId = z.string().describe('The full id at WhatsApp: what replies and reactions name');
const ack = z.int().min(-1).max(4).describe('−1 error, 0 pending, 1 server, 2 device, 3 read, 4 played');

const addressed = {
  id: fullId,
  chat: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  fromMe: z.boolean(),
  timestamp: seconds,
};
const participant = z.string().nullable().describe('Who it was, in groups and of reactions');

export const messagePayload = z
  .strictObject({
    ...addressed,
    participant,
    type: z.string(),
    body: z.string().describe('The text, or the caption of a file'),
    hasMedia: z.boolean(),
    media: z
      .strictObject({
        mimetype: z.string().nullable(),
        filename: z.string().nullable(),
        size: z.int().nullable(),
      })
      .nullable()
      .describe('The file itself is at /api/v1/events/{id}/media'),
    ack,
    ackName: z.string(),
    replyTo: z.strictObject({ id: fullId }).nullable(),
    mentions: z.array(z.string()),
    forwarded: z.boolean(),
    location: z
      .strictObject({ latitude: z.number(), longitude: z.number(), description: z.string().nullable() })
      .nullable(),
    vCards: z.array(z.string()),
    poll: z
      .strictObject({ question: z.string(), options: z.array(z.string()), multiple: z.boolean() })
      .nullable(),
  })
  .meta({ id: 'MessagePayload' });

const payloads = {
  message: messagePayload,
  'message.any': messagePayload,
  'message.edited': z.strictObject({ ...addressed, participant, body: z.string() }),
  'message.revoked': z.strictObject({ ...addressed, participant }),
  'message.reaction': z.strictObject({
    ...addressed,
    participant,
    reaction: z.strictObject({
      text: z.string().describe('Empty: it was taken back'),
      messageId: fullId,
    }),
  }),
  'message.ack': z.strictObject({ ...addressed, ack, ackName: z.string() }),
  'call.received': z.strictObject({
    id: z.string(),
    from: z.string(),
    timestamp: seconds,
    isVideo: z.boolean(),
    isGroup: z.boolean(),
  }),
  'group.update': z.strictObject({
    ...addressed,
    participant,
    change: z.string(),
    recipients: z.array(z.string()),
    body: z.string(),
  }),
  'session.status': z.strictObject({
    status: z.enum(['STOPPED', 'STARTING', 'SCAN_QR_CODE', 'WORKING', 'FAILED']),
    from: sessionState,
    state: sessionState,
    reason: transitionReason,
    detail: z.string(),
    timestamp: seconds,
  }),
  gap: z.union([
    z.strictObject({
      cause: z.literal('retention'),
      firstEvent: z.int(),
      lastEvent: z.int(),
      timestamp: seconds,
    }),
    z.strictObject({ cause: z.literal('history'), chat: z.string(), read: z.int(), timestamp: seconds }),
  ]),
} as const satisfies Record<EventType, z.ZodType>;

const common = {
  id: z.int().min(1).describe('Its place in the log: rising, without gaps'),
  chat: z.string().nullable(),
  at: timestamp.describe('When it was written to the log'),
  occurredAt: timestamp.describe('When it happened, as far as WhatsApp says'),
};

const eventOf = <T extends EventType>(type: T) =>
  z.strictObject({ ...common, type: z.literal(type), payload: payloads[type] });

export const eventSchema = z
  .discriminatedUnion('type', [
    eventOf('message'),
    eventOf('message.any'),
    eventOf('message.edited'),
    eventOf('message.revoked'),
    eventOf('message.reaction'),
    eventOf('message.ack'),
    eventOf('call.received'),
    eventOf('group.update'),
    eventOf('session.status'),
    eventOf('gap'),
  ])
  .meta({ id: 'Event' });
export type EventResource = z.infer<typeof eventSchema>;

export const eventPageSchema = z
  .strictObject({
    events: z.array(eventSchema),
    next: z.int().min(0).describe('Pass as `after` for what follows'),
    gap: z
      .strictObject({ first: z.int(), last: z.int() })
      .nullable()
      .describe('Events that would have come first and are gone: they were pruned'),
    logId: z
      .string()
      .describe('Names the log. When it changes, the volume is another one or was restored: begin anew'),
  })
  .meta({ id: 'EventPage' });
export type EventPage = z.infer<typeof eventPageSchema>;

/** Types as a query has them, separated by commas. */
export const eventTypes = z
  .string()
  .max(500)
  .transform((written, context) => {
    const parsed = z
      .array(eventType)
      .min(1)
      .safeParse(written.split(',').map((type) => type.trim()));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: `must be of ${eventType.options.join(', ')}, with commas` });
    return z.NEVER;
  })
  .meta({ description: 'Only these types, separated by commas', examples: ['message,message.ack'] });
