import { z } from 'zod';

/** What can be sent, as a request says it. Files are named by where they come from. */

/** The largest text that WhatsApp takes. */
export const MAX_TEXT = 65_536;
const MAX_CAPTION = 4096;

/** The full id of a message at WhatsApp: `true_<chat>_<id>`, and in groups `_<author>` after it. */
export const whatsappMessageId = z
  .string()
  .max(256)
  .regex(/^(true|false)_[^_\s]+@[a-z.]+_[A-Za-z0-9]+(_[^_\s]+@[a-z.]+)?$/, 'is not the full id of a message')
  .meta({
    description: 'The full id of a message at WhatsApp, as events and `messageId` give it',
    examples: ['false_5511912345678@c.us_3EB0C431C26A1916E07A'],
  });

/** Where a file comes from. It is fetched and stored before the request is answered. */
export const mediaSource = z
  .union([
    z.strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .max(8192)
        .describe('Fetched once, while the request waits'),
    }),
    z.strictObject({
      data: z.base64().min(4).describe('The file itself, in base64; multipart needs a third less'),
    }),
    z.strictObject({
      part: z
        .string()
        .regex(/^[A-Za-z0-9_.-]{1,64}$/)
        .describe('Name of the part that carries the file, in a multipart request'),
    }),
  ])
  .meta({ id: 'MediaSource' });
export type MediaSource = z.infer<typeof mediaSource>;

const filename = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\\p{Cc}]+$/u, 'has no slashes and no control characters')
  .refine((name) => name !== '.' && name !== '..', 'must be a name');
const mimetype = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*(; ?codecs=[a-z0-9.,]+)?$/i,
    'is no media type',
  )
  .describe('Taken when the bytes do not tell; what the bytes tell wins');
const caption = z.string().max(MAX_CAPTION);

const media = {
  media: mediaSource,
  mimetype: mimetype.optional(),
  filename: filename.optional(),
};

/** A contact as fields, or as a finished vCard. */
const contactCard = z
  .union([
    z.strictObject({
      name: z.string().trim().min(1).max(256),
      phoneNumber: z
        .string()
        .max(64)
        .regex(/^\+?[\d ().-]{5,40}$/, 'is no phone number'),
      organization: z.string().max(256).optional(),
    }),
    z.strictObject({
      vcard: z
        .string()
        .max(65_536)
        .regex(/^BEGIN:VCARD\r?\n[\s\S]*\r?\nEND:VCARD\s*$/, 'is no vCard'),
    }),
  ])
  .meta({ id: 'ContactCard' });
export type ContactCard = z.infer<typeof contactCard>;

const distinct = (options: readonly string[]): boolean => new Set(options).size === options.length;

const text = z.strictObject({
  type: z.literal('text'),
  text: z.string().min(1).max(MAX_TEXT),
  linkPreview: z.boolean().default(true).describe('Shows a preview of the first link'),
});
const captioned = <T extends 'image' | 'video' | 'document'>(type: T) =>
  z.strictObject({ type: z.literal(type), ...media, caption: caption.optional() });
const uncaptioned = <T extends 'audio' | 'voice' | 'sticker'>(type: T) =>
  z.strictObject({ type: z.literal(type), ...media });
const location = z.strictObject({
  type: z.literal('location'),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: z.string().max(256).optional(),
  address: z.string().max(1024).optional(),
});
const contacts = z.strictObject({
  type: z.literal('contacts'),
  contacts: z.array(contactCard).min(1).max(100),
});
const poll = z.strictObject({
  type: z.literal('poll'),
  question: z.string().trim().min(1).max(255),
  options: z
    .array(z.string().trim().min(1).max(100))
    .min(2)
    .max(12)
    .refine(distinct, 'must differ from each other'),
  multiple: z.boolean().default(false).describe('More than one option may be chosen'),
});
/**
 * A reaction has no id of its own at WhatsApp, so nobody can ask for it later. Setting the same one twice changes
 * nothing, so it is simply set again when an attempt proved nothing.
 */
const reaction = z.strictObject({
  type: z.literal('reaction'),
  messageId: whatsappMessageId,
  emoji: z
    .string()
    .max(64)
    .regex(/^$|^\P{Cc}+$/u)
    .describe('One emoji; empty takes the reaction back'),
});

export const messageContent = z
  .discriminatedUnion('type', [
    text,
    captioned('image'),
    captioned('video'),
    captioned('document'),
    uncaptioned('audio'),
    uncaptioned('voice'),
    uncaptioned('sticker'),
    location,
    contacts,
    poll,
    reaction,
  ])
  .meta({ id: 'MessageContent' });
export type MessageContent = z.infer<typeof messageContent>;
export type MediaContent = Extract<MessageContent, { readonly media: MediaSource }>;

export const contentType = z.enum([
  'text',
  'image',
  'video',
  'document',
  'audio',
  'voice',
  'sticker',
  'location',
  'contacts',
  'poll',
  'reaction',
]);
export type ContentType = MessageContent['type'];
