import type { ChatModel } from '../chats.ts';
import type { MsgModel } from '../messages.ts';
import type { Session } from '../session.ts';
import type { PageStorage } from '../storage.ts';
import type { Modules } from './linking.ts';

/** The newer page takes `{ list }`, the older an array. */
type MessageList = readonly MsgModel[] | { readonly list: readonly MsgModel[] };

const listOf = (messages: MessageList): readonly MsgModel[] =>
  'list' in messages ? messages.list : messages;

/** `Cmd`: the page's bus of commands and of a few events. */
export function commandModules(session: Session, storage: PageStorage): Modules {
  const { library } = session;
  const star = async (messages: readonly MsgModel[], value: boolean) => {
    for (const message of messages) message.set({ star: value });
  };
  const Cmd = Object.assign(library.cmd, {
    refreshQR: () => session.refreshRefs(),
    archiveChat: async (chat: ChatModel, archive: boolean) => chat.set({ archive }),
    pinChat: async (chat: ChatModel, pinned: boolean) => chat.set({ pin: pinned ? Date.now() : 0 }),
    markChatUnread: async (chat: ChatModel, _unread: boolean) => chat.set({ unreadCount: -1 }),
    sendStarMsgs: (_chat: ChatModel, messages: readonly MsgModel[]) => star(messages, true),
    sendUnstarMsgs: (_chat: ChatModel, messages: readonly MsgModel[]) => star(messages, false),
    sendRevokeMsgs: async (chat: ChatModel, messages: MessageList) => {
      for (const message of listOf(messages)) {
        const { id } = message.id;
        await session.requests.ask({ kind: 'revoke', chat: chat.id._serialized, id });
        await storage.change(chat.id._serialized, id, (known) => ({ ...known, revoked: true }));
        message.set({ type: 'revoked', body: '' });
      }
    },
    sendDeleteMsgs: async (chat: ChatModel, messages: MessageList) => {
      for (const message of listOf(messages)) {
        await storage.forget(chat.id._serialized, message.id.id);
        chat.msgs.remove(message);
        library.msgs.remove(message);
      }
    },
  });
  return { WAWebCmd: { Cmd } };
}
