import type { HistoryMessage } from '../engine.ts';
import type { PageChat, PageKey, PageMessage, PageWid, PageWindow } from './internals.ts';

declare const window: PageWindow;

/**
 * Runs in the page: installs what reads messages, chats and people. Self-contained, because only its text gets
 * there. Nothing in it depends on `_serialized`, which pages of July 2026 lack.
 */
export function installReading(): void {
  window.sessionPod ??= {};
  const agent = window.sessionPod;
  if (agent['lookup'] !== undefined) return;
  const modules = window.require;
  const collections = () => modules('WAWebCollections');

  const widText = (wid: PageWid | string | null | undefined): string =>
    typeof wid === 'string' ? wid : (wid?._serialized ?? String(wid ?? ''));

  const keyText = (key: PageKey): string => {
    const base = `${key.fromMe}_${widText(key.remote)}_${key.id}`;
    return key.participant === undefined || key.participant === null
      ? base
      : `${base}_${widText(key.participant)}`;
  };

  const quotedKey = (message: PageMessage): string | undefined => {
    const { quotedStanzaID, quotedParticipant } = message;
    if (quotedStanzaID === undefined) return undefined;
    const me = widText(modules('WAWebUserPrefsMeUser').getMaybeMePnUser());
    const author = widText(quotedParticipant);
    const chat = widText(message.id.remote);
    const base = `${author === me}_${chat}_${quotedStanzaID}`;
    return chat.endsWith('@g.us') ? `${base}_${author}` : base;
  };

  const toHistory = (message: PageMessage): HistoryMessage => ({
    id: keyText(message.id),
    chatId: widText(message.id.remote),
    fromMe: message.id.fromMe,
    author: widText(message.author ?? message.id.participant ?? message.from),
    type: message.type ?? 'unknown',
    body: message.caption ?? message.body ?? '',
    hasMedia: message.directPath !== undefined || Boolean(message.mediaData),
    ack: (message.ack ?? 0) as HistoryMessage['ack'],
    timestamp: (message.t ?? 0) * 1000,
    quotedMessageId: quotedKey(message),
    editedAt: message.latestEditSenderTimestampMs,
  });

  /** The ids under which a chat may be known: by phone number and by its hidden id. */
  const aliases = (chatId: string): readonly string[] => {
    const known = [chatId];
    if (chatId.endsWith('@g.us')) return known;
    try {
      const wid = modules('WAWebWidFactory').createWid(chatId);
      const { getCurrentLid, getPhoneNumber } = modules('WAWebApiContact');
      const other = chatId.endsWith('@lid') ? getPhoneNumber?.(wid) : getCurrentLid?.(wid);
      if (other) known.push(widText(other));
    } catch {
      // A page without this module knows the chat by one id.
    }
    return known;
  };

  const me = (): readonly string[] => {
    const { getMaybeMePnUser, getMaybeMeLidUser } = modules('WAWebUserPrefsMeUser');
    return [getMaybeMePnUser(), getMaybeMeLidUser()].map(widText).filter((text) => text !== '');
  };

  const findMessage = async (full: string): Promise<PageMessage | undefined> => {
    const { Msg } = collections();
    const inMemory = Msg.get(full) ?? Msg.getModelsArray().find((message) => keyText(message.id) === full);
    if (inMemory !== undefined) return inMemory;
    const stored = await Msg.getMessagesById?.([full]);
    return stored?.messages?.[0];
  };

  /** The full ids that a message of ours may have. */
  const keysOf = (chatId: string, id: string): readonly string[] =>
    aliases(chatId).flatMap((chat) =>
      chat.endsWith('@g.us') ? me().map((own) => `true_${chat}_${id}_${own}`) : [`true_${chat}_${id}`],
    );

  /** A message of ours that the page has in memory, as far as its index tells: asked before every send. */
  const findShown = (chatId: string, id: string): PageMessage | undefined => {
    const { Msg } = collections();
    for (const key of keysOf(chatId, id)) {
      const found = Msg.get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  /** The same, wherever the page may have it. */
  const findOwn = async (chatId: string, id: string): Promise<PageMessage | undefined> => {
    const indexed = findShown(chatId, id);
    if (indexed !== undefined) return indexed;
    for (const key of keysOf(chatId, id)) {
      const found = await findMessage(key);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const lookup = async ({ chatId, id }: { chatId: string; id: string }) => {
    const { Socket } = modules('WAWebSocketModel');
    const found = await findOwn(chatId, id);
    if (found !== undefined) return { kind: 'found', ack: found.ack ?? 0 };
    if (Socket.state !== 'CONNECTED' || Socket.hasSynced !== true) {
      return { kind: 'unavailable', detail: 'the page has not synced' };
    }
    if (collections().Msg.getMessagesById === undefined) {
      return { kind: 'unavailable', detail: "the page's database cannot be asked" };
    }
    return { kind: 'absent' };
  };

  const chatOf = (chatId: string): PageChat | undefined => {
    const { createWid } = modules('WAWebWidFactory');
    for (const alias of aliases(chatId)) {
      const chat = collections().Chat.get(createWid(alias)) ?? collections().Chat.get(alias);
      if (chat !== undefined && chat !== null) return chat;
    }
    return undefined;
  };

  const history = async ({ chatId, limit }: { chatId: string; limit: number }) => {
    const chat = chatOf(chatId);
    if (chat === undefined) return [];
    const shown = () => chat.msgs.getModelsArray().filter(({ type }) => type !== 'e2e_notification');
    let known = -1;
    while (shown().length < limit && shown().length !== known) {
      known = shown().length;
      const more = await modules('WAWebChatLoadMessages').loadEarlierMsgs({ chat });
      if (!more || more.length === 0) break;
    }
    return shown()
      .map(toHistory)
      .sort((first, second) => first.timestamp - second.timestamp)
      .slice(-limit);
  };

  const listChats = ({ limit }: { limit: number }) =>
    [...collections().Chat.getModelsArray()]
      .sort((first, second) => (second.t ?? 0) - (first.t ?? 0))
      .slice(0, limit)
      .map((chat) => ({
        id: widText(chat.id),
        name: chat.formattedTitle ?? chat.name,
        isGroup: widText(chat.id).endsWith('@g.us'),
        unreadCount: Math.max(0, chat.unreadCount ?? 0),
        lastMessageAt: chat.t === undefined || chat.t === 0 ? undefined : chat.t * 1000,
      }));

  const listContacts = ({ limit }: { limit: number }) => {
    const { getIsMyContact } = modules('WAWebFrontendContactGetters');
    return collections()
      .Contact.getModelsArray()
      .slice(0, limit)
      .map((contact) => ({
        id: widText(contact.id),
        name: contact.name,
        pushName: contact.pushname,
        isMyContact: getIsMyContact?.(contact) ?? contact.name !== undefined,
        isBlocked: contact.isContactBlocked ?? false,
      }));
  };

  const resolveNumber = async ({ phoneNumber }: { phoneNumber: string }) => {
    const wid = modules('WAWebWidFactory').createWid(`${phoneNumber}@c.us`);
    const found = await modules('WAWebQueryExistsJob').queryWidExists(wid);
    return found?.wid === undefined ? null : widText(found.wid);
  };

  Object.assign(agent, {
    widText,
    keyText,
    toHistory,
    me,
    chatOf,
    findMessage,
    findShown,
    findOwn,
    lookup,
    history,
    listChats,
    listContacts,
    resolveNumber,
  });
}
