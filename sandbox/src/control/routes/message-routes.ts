import { z } from 'zod';
import { chatSchema, contentSchema, jid, messageId, messageSchema, number } from '../shapes.ts';
import { inAccount, inMessage, noQuery, nothing, route } from './route.ts';

const by = jid.optional().describe("Who does it; the chat's person by default");

/** Chats and messages, as a phone sees and makes them. */
export const messageRoutes = {
  listChats: route('GET', '/accounts/:number/chats', "The account's chats, latest first", {
    params: inAccount,
    query: noQuery,
    body: nothing,
    result: z.array(chatSchema),
  }),
  listMessages: route(
    'GET',
    '/accounts/:number/chats/:chat/messages',
    'The latest messages of a chat, oldest first',
    {
      params: z.strictObject({ number, chat: jid }),
      query: z.strictObject({
        before: z.string().optional().describe('Only messages before this id'),
        limit: z.coerce.number().int().min(1).max(1000).default(50),
      }),
      body: nothing,
      result: z.array(messageSchema),
    },
  ),
  inject: route(
    'POST',
    '/accounts/:number/messages',
    'Someone writes to the account, or its owner does on the phone',
    {
      params: inAccount,
      query: noQuery,
      body: z.strictObject({
        chat: jid,
        author: jid.optional().describe("The chat's person by default; needed in groups"),
        content: contentSchema,
        replyTo: messageId.optional().describe('A message of the same chat'),
        mentions: z.array(jid).optional(),
        forwarded: z.boolean().optional(),
      }),
      result: messageSchema,
    },
  ),
  edit: route('POST', '/accounts/:number/chats/:chat/messages/:id/edit', 'Its author edits a message', {
    params: inMessage,
    query: noQuery,
    body: z.strictObject({ body: z.string(), by }),
    result: nothing,
  }),
  revoke: route(
    'POST',
    '/accounts/:number/chats/:chat/messages/:id/revoke',
    'A message is deleted for everyone',
    {
      params: inMessage,
      query: noQuery,
      body: z.strictObject({ by }),
      result: nothing,
    },
  ),
  react: route(
    'POST',
    '/accounts/:number/chats/:chat/messages/:id/react',
    'Someone reacts; empty takes it back',
    {
      params: inMessage,
      query: noQuery,
      body: z.strictObject({ emoji: z.string(), by }),
      result: nothing,
    },
  ),
  vote: route('POST', '/accounts/:number/chats/:chat/messages/:id/vote', 'Someone votes in a poll', {
    params: inMessage,
    query: noQuery,
    body: z.strictObject({ options: z.array(z.int().min(0)), by }),
    result: nothing,
  }),
  media: route(
    'GET',
    '/media/:hash',
    'The bytes of a file, by the last part of its directPath',
    {
      params: z.strictObject({
        hash: z
          .string()
          .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
          .describe('SHA-256 of the bytes'),
      }),
      query: z.strictObject({
        type: z.string().optional().describe('Answer with this type, if it is a picture, a sound or a video'),
      }),
      body: nothing,
      result: z.instanceof(Uint8Array),
    },
    'bytes',
  ),
} as const;
