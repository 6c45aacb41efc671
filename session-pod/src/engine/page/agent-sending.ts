import type { PageChat, PageMessage, PageWid, PageWindow } from './internals.ts';

declare const window: PageWindow;
declare const File: new (
  parts: readonly unknown[],
  name: string,
  options: { readonly type: string },
) => object;

/** What is known of the message that was pinned. */
export interface PinRecord {
  /** The page was told to take it: from here on it may leave. */
  readonly handedOver: boolean;
  /** The page has it in its database. */
  readonly inserted: boolean;
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
 * The pin has two ends. `newId` gives the pinned id to the library alone, for one call; and nothing is handed to the
 * page's own queue while a pin is set unless it carries that id. So a message never leaves under an id that the
 * outbox does not know.
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

  let pinned: { id: string; taken: boolean; handedOver: boolean; inserted: boolean } | undefined;
  let wrapped = false;
  /** Which message's turn it is. */
  let turns = 0;
  let staged: object | undefined;

  const stageFile = (input: { readonly files: readonly object[] }, filename: string, type: string): void => {
    const library = window.WWebJS;
    if (library === undefined) throw new Error('session-pod: the library is not there yet');
    const original = library.mediaInfoToFile;
    // Waits for the library's next question, and answers no other.
    library.mediaInfoToFile = (info) => {
      library.mediaInfoToFile = original;
      return staged ?? original(info);
    };
    staged = new File([input.files[0]], filename, { type });
  };

  const wrap = (): void => {
    if (wrapped) return;
    const keys = modules('WAWebMsgKey');
    const original = keys.newId;
    const newId = (): Promise<string> => {
      // The page makes ids of its own meanwhile; only the library's call is meant.
      const byLibrary = new Error().stack?.includes('WWebJS.sendMessage') === true;
      if (pinned === undefined || pinned.taken || !byLibrary) return original.call(keys);
      pinned.taken = true;
      return Promise.resolve(pinned.id);
    };
    const action = modules('WAWebSendMsgChatAction');
    const send = action.addAndSendMsgToChat;
    const guarded: typeof send = (chat, message) => {
      const byLibrary = new Error().stack?.includes('WWebJS.sendMessage') === true;
      if (!byLibrary) return send.call(action, chat, message);
      const pin = pinned;
      if (pin === undefined || message.id.id !== pin.id) {
        throw new Error('session-pod: the message does not carry the pinned id');
      }
      pin.handedOver = true;
      const result = send.call(action, chat, message);
      void result[0].then(
        () => {
          pin.inserted = true;
        },
        () => undefined,
      );
      return result;
    };
    keys.newId = newId;
    action.addAndSendMsgToChat = guarded;
    if (keys.newId !== newId || action.addAndSendMsgToChat !== guarded) {
      throw new Error('session-pod: the page does not let its id maker be replaced');
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

  /** Ends the pin. */
  const unpin = (): PinRecord => {
    const record = { handedOver: pinned?.handedOver === true, inserted: pinned?.inserted === true };
    pinned = undefined;
    staged = undefined;
    turns += 1;
    return record;
  };

  /** Checks a message, and sets its pin where nothing speaks against it. The pin before ends with that. */
  const prepare = async (message: { chatId: string; id: string; replyTo?: string }): Promise<Preflight> => {
    wrap();
    unpin();
    const turn = turns;
    const checked = await check(message);
    // A check that was given up on and ends late must not pin anything on the next message.
    if (turn !== turns) throw new Error('session-pod: too late');
    if (checked.kind === 'go') {
      pinned = { id: message.id, taken: false, handedOver: false, inserted: false };
    }
    return checked;
  };

  const react = async ({ messageId, emoji }: { messageId: string; emoji: string }): Promise<boolean> => {
    const message = await findMessage(messageId);
    if (message === undefined) return false;
    await modules('WAWebSendReactionMsgAction').sendReactionToMsg(message, emoji);
    return true;
  };

  const ackOf = async ({ chatId, id }: { chatId: string; id: string }): Promise<number | undefined> =>
    findShown(chatId, id)?.ack;

  Object.assign(agent, { prepare, unpin, stageFile, react, ackOf } satisfies Record<
    string,
    (...told: never[]) => unknown
  >);
}
