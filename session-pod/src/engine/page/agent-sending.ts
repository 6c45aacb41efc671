import type { PageChat, PageMessage, PageWid, PageWindow } from './internals.ts';

declare const window: PageWindow;
declare const File: new (
  parts: readonly unknown[],
  name: string,
  options: { readonly type: string },
) => object;

/** What became of a message that was handed to the library. */
export interface Handover {
  /** The page was told to take it: from here on it may leave. */
  readonly handedOver: boolean;
  /** The page has it in its database. */
  readonly inserted: boolean;
  /** As the page has it now; undefined when its index does not find it. */
  readonly ack: number | undefined;
}

/** Why nothing should be handed over, or what the page has of the message already. */
export type Preflight =
  | { readonly kind: 'go' }
  | { readonly kind: 'known'; readonly ack: number }
  | {
      readonly kind: 'refused';
      readonly code: 'not_on_whatsapp' | 'chat_not_found' | 'not_a_member' | 'quoted_message_not_found';
    };

/**
 * Runs in the page: installs what checks a message before it is sent, and pins its id. Self-contained.
 *
 * Every message that the library is given carries a mark with its id. Where the library hands it to the page's own
 * queue, the mark is taken off and the message's key made anew with that id, once; a message of the library's without
 * a mark is not let through. So nothing ever leaves under an id that the outbox does not know, and sends to several
 * chats may be under way at once.
 *
 * Files do not pass through the worker: Chromium opens them itself, and the library finds the one that was staged
 * where it would have decoded base64.
 */
export function installSending(): void {
  window.sessionPod ??= {};
  const agent = window.sessionPod;
  if (agent['prepare'] !== undefined) return;
  const modules = window.require;
  const widText = agent['widText'] as (wid: PageWid | undefined) => string;
  const chatOf = agent['chatOf'] as (chatId: string) => PageChat | undefined;
  const me = agent['me'] as () => readonly string[];
  const findShown = agent['findShown'] as (chatId: string, id: string) => PageMessage | undefined;
  const findMessage = agent['findMessage'] as (full: string) => Promise<PageMessage | undefined>;

  /** How long a record is kept that nobody asks for, in milliseconds: longer than any send may take. */
  const RECORD_MS = 600_000;
  const handovers = new Map<string, { handedOver: boolean; inserted: boolean }>();
  const staged = new Map<string, object>();
  let wrapped = false;

  /** Keeps a file for the message of this id, and answers the library's question for it. */
  const stageFile = (
    input: { readonly files: readonly object[] },
    id: string,
    filename: string,
    type: string,
  ): void => {
    staged.set(id, new File([input.files[0]], filename, { type }));
  };

  const take = (id: string): { handedOver: boolean; inserted: boolean } => {
    const handover = handovers.get(id);
    if (handover === undefined || handover.handedOver) {
      throw new Error('session-pod: the message was not prepared, or handed over before');
    }
    handover.handedOver = true;
    setTimeout(() => handovers.delete(id), RECORD_MS);
    staged.delete(id);
    return handover;
  };

  const wrap = (): void => {
    if (wrapped) return;
    const library = window.WWebJS;
    if (library === undefined) throw new Error('session-pod: the library is not there yet');
    const decode = library.mediaInfoToFile;
    library.mediaInfoToFile = (info) => staged.get(info.data.replace(/^staged:/, '')) ?? decode(info);

    const action = modules('WAWebSendMsgChatAction');
    const send = action.addAndSendMsgToChat;
    const guarded: typeof send = (chat, given, ...more) => {
      const { sessionPodId, ...message } = given;
      if (sessionPodId === undefined) {
        const byLibrary = new Error().stack?.includes('WWebJS.sendMessage') === true;
        if (byLibrary) throw new Error('session-pod: the message has lost its mark');
        // The page's own sends are its own business.
        return send.call(action, chat, given, ...more);
      }
      const { from, to, id: made } = message;
      const Key = modules('WAWebMsgKey');
      const id = new Key({ from, to, id: sessionPodId, participant: made.participant, selfDir: 'out' });
      const handover = take(sessionPodId);
      try {
        // So that the library finds the message under the key that it made.
        Object.assign(made, id);
      } catch {
        // Then it finds nothing, and the record has to be asked.
      }
      const result = send.call(action, chat, { ...message, id }, ...more);
      void result[0].then(
        () => {
          handover.inserted = true;
        },
        () => undefined,
      );
      return result;
    };
    action.addAndSendMsgToChat = guarded;
    if (action.addAndSendMsgToChat !== guarded) {
      throw new Error('session-pod: the page does not let its way of sending be wrapped');
    }
    wrapped = true;
  };

  const isMember = (chat: PageChat): boolean => {
    const { participants } = chat.groupMetadata ?? {};
    if (participants === undefined) return true;
    const list = 'getModelsArray' in participants ? participants.getModelsArray() : participants;
    const ids = list.map(({ id }) => widText(id));
    return ids.length === 0 || me().some((own) => ids.includes(own));
  };

  const checkChat = async (chatId: string): Promise<Preflight> => {
    const chat = chatOf(chatId);
    if (chatId.endsWith('@g.us')) {
      if (chat === undefined) return { kind: 'refused', code: 'chat_not_found' };
      return isMember(chat) ? { kind: 'go' } : { kind: 'refused', code: 'not_a_member' };
    }
    if (chat !== undefined || !/@(c\.us|lid)$/.test(chatId)) return { kind: 'go' };
    const wid = modules('WAWebWidFactory').createWid(chatId);
    const found = await modules('WAWebQueryExistsJob').queryWidExists(wid);
    return found ? { kind: 'go' } : { kind: 'refused', code: 'not_on_whatsapp' };
  };

  const check = async (message: { chatId: string; id: string; replyTo?: string }): Promise<Preflight> => {
    const known = findShown(message.chatId, message.id);
    // What ended with an error may be handed over once more; everything else is the page's business by now.
    if (known !== undefined && (known.ack ?? 0) >= 0) return { kind: 'known', ack: known.ack ?? 0 };
    // It is tried again: what is asked about it meanwhile must not be told of the failure before.
    known?.set?.({ ack: 0 });
    if (message.replyTo !== undefined && (await findMessage(message.replyTo)) === undefined) {
      return { kind: 'refused', code: 'quoted_message_not_found' };
    }
    return checkChat(message.chatId);
  };

  /** Checks a message, and lets the library hand it over once where nothing speaks against it. */
  const prepare = async (message: { chatId: string; id: string; replyTo?: string }): Promise<Preflight> => {
    wrap();
    const checked = await check(message);
    if (checked.kind === 'go') handovers.set(message.id, { handedOver: false, inserted: false });
    return checked;
  };

  /** What became of a message; it cannot be handed over any more. */
  const conclude = ({ chatId, id }: { chatId: string; id: string }): Handover => {
    const handover = handovers.get(id) ?? { handedOver: false, inserted: false };
    handovers.delete(id);
    staged.delete(id);
    return { ...handover, ack: findShown(chatId, id)?.ack };
  };

  const react = async ({ messageId, emoji }: { messageId: string; emoji: string }): Promise<boolean> => {
    const message = await findMessage(messageId);
    if (message === undefined) return false;
    await modules('WAWebSendReactionMsgAction').sendReactionToMsg(message, emoji);
    return true;
  };

  Object.assign(agent, { prepare, conclude, stageFile, react } satisfies Record<
    string,
    (...told: never[]) => unknown
  >);
}
