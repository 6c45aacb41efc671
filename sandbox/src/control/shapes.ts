import { z } from 'zod';
import { faultSchema } from '../faults/fault.ts';

/** The shapes that the control API's routes share. */

export const number = z
  .string()
  .regex(/^[1-9]\d{6,14}$/)
  .describe("An account's phone number, digits only");
/** One host and one port: anything else would end up as a rule of its own in the browser's arguments. */
export const address = z
  .string()
  .regex(/^([\w.-]+|\[[\da-fA-F:.]+\]):\d{1,5}$/, 'must be host:port')
  .describe("Where the browser reaches the sandbox's HTTPS port; default: SANDBOX_ADVERTISED_ADDRESS");
export const jid = z
  .string()
  .regex(/^[\d-]+@(c\.us|g\.us)$/)
  .describe('A person (digits@c.us) or a group (digits@g.us)');
export const messageId = z.string().min(1).describe('The message id, without direction and chat');
export const epochMs = z.int().describe('Milliseconds since the epoch');

export const deviceSchema = z
  .strictObject({
    id: z.string(),
    browser: z.string().describe('What the device calls itself'),
    linkedAt: epochMs,
    unlinkedAt: epochMs.nullable(),
    connected: z.boolean().describe('Whether its page has a socket now'),
    feedPosition: z.int().describe('The last entry of the feed that it acknowledged'),
  })
  .meta({ id: 'Device' });

export const accountSchema = z
  .strictObject({
    number,
    name: z.string(),
    autoLink: z.boolean().describe('Whether its phone enters pairing codes by itself'),
    created: epochMs,
    devices: z.array(deviceSchema),
  })
  .meta({ id: 'Account' });

export const contactSchema = z
  .strictObject({ jid: z.string(), lid: z.string().describe('Its hidden id'), name: z.string() })
  .meta({ id: 'Contact' });

export const pendingLinkSchema = z
  .strictObject({
    qr: z.string().nullable().describe('The text of the QR code; null when its refs ran out'),
    code: z.strictObject({ code: z.string(), phone: z.string() }).nullable(),
    browser: z.string(),
  })
  .meta({ id: 'PendingLink' });

export const contentSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('text'), body: z.string() }),
    z.strictObject({
      kind: z.literal('media'),
      mimetype: z.string().min(1),
      data: z.base64().describe('The bytes, base64'),
      filename: z.string().optional(),
      caption: z.string().optional(),
      voice: z.boolean().default(false).describe('An audio file is a voice message'),
    }),
    z.strictObject({
      kind: z.literal('location'),
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      description: z.string().optional(),
      url: z.string().optional(),
    }),
    z.strictObject({
      kind: z.literal('contacts'),
      cards: z.array(z.strictObject({ name: z.string(), vcard: z.string() })).min(1),
    }),
    z.strictObject({
      kind: z.literal('poll'),
      name: z.string(),
      options: z.array(z.string()).min(2),
      selectable: z.int().min(0).default(1).describe('How many options one may choose; 0 is any number'),
    }),
  ])
  .meta({ id: 'Content' });

/** A file on the server as a message carries it. */
export const mediaInfoSchema = z.strictObject({
  kind: z.enum(['image', 'video', 'audio', 'ptt', 'document', 'sticker']),
  mimetype: z.string(),
  size: z.int().describe('Bytes'),
  filehash: z.string().describe('SHA-256 of the bytes, base64'),
  directPath: z.string().describe('Its last part fetches the file: GET /media/:hash'),
  mediaKey: z.string(),
  filename: z.string().optional(),
  caption: z.string().optional(),
});

/** What a message holds once it was sent: files lie on the server. */
export const sentContentSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('text'), body: z.string() }),
    z.strictObject({ kind: z.literal('media'), media: mediaInfoSchema }),
    z.strictObject({
      kind: z.literal('location'),
      latitude: z.number(),
      longitude: z.number(),
      description: z.string().optional(),
      url: z.string().optional(),
    }),
    z.strictObject({
      kind: z.literal('contacts'),
      cards: z.array(z.strictObject({ name: z.string(), vcard: z.string() })).readonly(),
    }),
    z.strictObject({
      kind: z.literal('poll'),
      name: z.string(),
      options: z.array(z.string()).readonly(),
      selectable: z.int(),
    }),
  ])
  .meta({ id: 'SentContent' });

const ack = z
  .union([z.literal(-1), z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)])
  .describe('-1 refused, 0 waiting, 1 at the server, 2 on the device, 3 read, 4 played');

export const messageSchema = z
  .looseObject({
    id: messageId,
    chat: jid,
    fromMe: z.boolean(),
    author: z.string(),
    t: z.int().describe('Seconds since the epoch'),
    ack,
    content: sentContentSchema,
    quote: z
      .strictObject({ id: messageId, author: z.string(), content: sentContentSchema })
      .optional()
      .describe('The message that it answers'),
    mentions: z.array(z.string()).readonly().optional(),
    forwarded: z.boolean().optional(),
    editedAt: epochMs.optional(),
    revoked: z.boolean().optional().describe('Deleted for everyone'),
    reactions: z
      .array(z.strictObject({ id: z.string(), sender: z.string(), emoji: z.string(), at: epochMs }))
      .readonly()
      .optional(),
    votes: z
      .array(
        z.strictObject({
          id: z.string(),
          sender: z.string(),
          options: z.array(z.int()).readonly().describe("Indexes into the poll's options"),
          at: epochMs,
        }),
      )
      .readonly()
      .optional(),
  })
  .meta({ id: 'Message' });

export const chatSchema = z
  .strictObject({
    jid: z.string(),
    name: z.string(),
    t: z.int().describe('Seconds since the epoch'),
    unread: z.int(),
    last: messageSchema.nullable().describe('The latest message'),
  })
  .meta({ id: 'Chat' });

export const faultEntrySchema = z
  .strictObject({
    id: z.string(),
    account: number.nullable(),
    fault: faultSchema,
    remaining: z.int().nullable().describe('How many more times it strikes; null is for ever'),
  })
  .meta({ id: 'StandingFault' });

export const groupSchema = z
  .strictObject({
    jid: z.string(),
    subject: z.string(),
    owner: z.string(),
    created: z.int(),
    participants: z.array(z.string()),
  })
  .meta({ id: 'Group' });

export const differenceSchema = z.strictObject({
  chat: z.string(),
  key: z.string(),
  expected: z.int(),
  seen: z.int(),
});

export const comparisonSchema = z
  .strictObject({
    lost: z.array(differenceSchema),
    duplicated: z.array(differenceSchema),
    unexpected: z.array(differenceSchema),
    reordered: z.array(z.strictObject({ chat: z.string(), key: z.string() })),
  })
  .meta({ id: 'Comparison' });

export const errorSchema = z
  .strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) })
  .meta({ id: 'Error' });
