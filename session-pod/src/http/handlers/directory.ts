import type { directoryRoutes } from '@whatsapp-operator/api/session';
import type { Engine, HistoryMessage } from '../../engine/engine.ts';
import { type Handlers, jsonReply } from '../reply.ts';
import { requireConnected } from './require-connected.ts';

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

/** Read-only questions to the page. */
export function directoryHandlers(engine: Engine): Handlers<keyof typeof directoryRoutes> {
  return {
    listChats: async ({ query: { limit } }) => {
      requireConnected(engine);
      const chats = await engine.listChats(limit);
      return jsonReply(200, {
        chats: chats.map(({ id, name, isGroup, unreadCount, lastMessageAt }) => ({
          id,
          name: name ?? null,
          isGroup,
          unreadCount,
          lastMessageAt: iso(lastMessageAt),
        })),
      });
    },
    listChatMessages: async ({ params: { chat }, query: { limit } }) => {
      requireConnected(engine);
      return jsonReply(200, { messages: (await engine.history(chat, limit)).map(describeMessage) });
    },
    listContacts: async ({ query: { limit } }) => {
      requireConnected(engine);
      const contacts = await engine.listContacts(limit);
      return jsonReply(200, {
        contacts: contacts.map(({ id, name, pushName, isMyContact, isBlocked }) => ({
          id,
          name: name ?? null,
          pushName: pushName ?? null,
          isMyContact,
          isBlocked,
        })),
      });
    },
    lookUpNumber: async ({ params: { number } }) => {
      requireConnected(engine);
      const chat = await engine.resolveNumber(number);
      return jsonReply(200, { number, registered: chat !== undefined, chat: chat ?? null });
    },
  };
}

function describeMessage(message: HistoryMessage): unknown {
  const { id, chatId, fromMe, author, type, body, hasMedia, ack, timestamp, quotedMessageId, editedAt } =
    message;
  return {
    id,
    chat: chatId,
    fromMe,
    author,
    type,
    body,
    hasMedia,
    ack,
    timestamp: iso(timestamp),
    quotedMessageId: quotedMessageId ?? null,
    editedAt: iso(editedAt),
  };
}
