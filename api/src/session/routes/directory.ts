import { z } from 'zod';
import { chatId, phoneNumber } from '../chat-id.ts';
import { json, limit, route } from '../route.ts';
import { timestamp } from '../status.ts';

/** Read-only routes about whom and what the account knows. They ask the page, so the session must be Connected. */

export const chatSchema = z
  .strictObject({
    id: z.string(),
    name: z.string().nullable(),
    isGroup: z.boolean(),
    unreadCount: z.int(),
    lastMessageAt: timestamp.nullable(),
  })
  .meta({ id: 'Chat' });

export const contactSchema = z
  .strictObject({
    id: z.string(),
    name: z.string().nullable().describe('As it is in the address book'),
    pushName: z.string().nullable().describe('As the person calls themselves'),
    isMyContact: z.boolean(),
    isBlocked: z.boolean(),
  })
  .meta({ id: 'Contact' });

export const numberSchema = z
  .strictObject({
    number: z.string().describe('Digits only'),
    registered: z.boolean().describe('Whether the number is on WhatsApp'),
    chat: z.string().nullable().describe('The id to send to'),
  })
  .meta({ id: 'NumberLookup' });

export const historyMessageSchema = z
  .strictObject({
    id: z.string().describe('The full id at WhatsApp: what replies and reactions name'),
    chat: z.string(),
    fromMe: z.boolean(),
    author: z.string(),
    type: z.string(),
    body: z.string(),
    hasMedia: z.boolean(),
    ack: z.int().min(-1).max(4).describe('−1 error, 0 pending, 1 server, 2 device, 3 read, 4 played'),
    timestamp,
    quotedMessageId: z.string().nullable(),
    editedAt: timestamp.nullable(),
  })
  .meta({ id: 'HistoryMessage' });

const problems = ['not_connected', 'engine_timeout', 'engine_failed'] as const;

export const directoryRoutes = {
  listChats: route({
    method: 'GET',
    path: '/api/v1/chats',
    tag: 'Directory',
    summary: 'Chats, the newest first',
    description: 'As WhatsApp Web has them now.',
    query: z.strictObject({ limit: limit(100, 1000) }),
    answers: { 200: json('The chats', z.strictObject({ chats: z.array(chatSchema) })) },
    problems,
  }),
  listChatMessages: route({
    method: 'GET',
    path: '/api/v1/chats/:chat/messages',
    tag: 'Directory',
    summary: 'The newest messages of a chat, oldest first',
    description: 'As WhatsApp Web has them now, both directions.',
    params: z.strictObject({ chat: chatId }),
    query: z.strictObject({ limit: limit(50, 1000) }),
    answers: { 200: json('The messages', z.strictObject({ messages: z.array(historyMessageSchema) })) },
    problems: [...problems, 'chat_not_found', 'unsupported_chat'],
  }),
  listContacts: route({
    method: 'GET',
    path: '/api/v1/contacts',
    tag: 'Directory',
    summary: 'The people that the account knows',
    description: 'As WhatsApp Web has them now.',
    query: z.strictObject({ limit: limit(1000, 10_000) }),
    answers: { 200: json('The contacts', z.strictObject({ contacts: z.array(contactSchema) })) },
    problems,
  }),
  lookUpNumber: route({
    method: 'GET',
    path: '/api/v1/numbers/:number',
    tag: 'Directory',
    summary: 'Whether a number is on WhatsApp, and which id it has',
    description:
      'Look-ups in bulk look like spam to WhatsApp: ask for numbers that you are about to write to.',
    params: z.strictObject({ number: phoneNumber }),
    answers: { 200: json('The answer', numberSchema) },
    problems,
  }),
} as const;
