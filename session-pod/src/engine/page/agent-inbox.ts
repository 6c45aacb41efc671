import type { HistoryMessage } from '../engine.ts';
import type { ChatHead, MediaFacts, MessageSnapshot, PageReaction, ReadBack } from '../inbound.ts';
import type { PageChat, PageKey, PageMessage, PageWid, PageWindow } from './internals.ts';

declare const window: PageWindow;
declare const crypto: { randomUUID(): string };
declare const btoa: (binary: string) => string;
declare const AbortController: new () => { readonly signal: unknown };

/** What messages may carry besides what every message has; all of it may be missing. */
interface FullMessage extends PageMessage {
  readonly isForwarded?: boolean;
  readonly mentionedJidList?: readonly (PageWid | string)[];
  readonly mimetype?: string;
  readonly filename?: string;
  readonly size?: number;
  readonly lat?: number;
  readonly lng?: number;
  readonly loc?: string;
  readonly vcardList?: readonly { readonly vcard: string }[];
  readonly pollName?: string;
  readonly pollOptions?: readonly { readonly name: string }[];
  readonly pollSelectableOptionsCount?: number;
  readonly subtype?: string;
  readonly recipients?: readonly (PageWid | string)[];
  readonly hasReaction?: boolean;
  readonly encFilehash?: string;
  readonly filehash?: string;
  readonly mediaKey?: string;
  readonly mediaKeyTimestamp?: number;
}

interface ReactionEntry {
  readonly reactionText?: string;
  readonly timestamp?: number;
  readonly senderUserJid?: PageWid | string;
}

/** Modules that only reading back needs. */
interface InboxModules {
  readonly WAWebCollections: {
    readonly Reactions?: {
      readonly find: (key: string) => Promise<
        | {
            readonly reactions?: {
              readonly serialize: () => readonly { readonly senders?: readonly ReactionEntry[] }[];
            };
          }
        | undefined
      >;
    };
  };
  readonly WAWebDownloadManager: {
    readonly downloadManager: {
      readonly downloadAndMaybeDecrypt: (wish: object) => Promise<ArrayBuffer>;
    };
  };
}

/**
 * Runs in the page: installs what the inbox asks. Self-contained; uses what `installReading` and `installWatching`
 * have put there. Nothing in it changes anything in the page.
 */
export function installInbox(): void {
  window.sessionPod ??= {};
  const agent = window.sessionPod;
  if (agent['readBack'] !== undefined) return;
  const modules = window.require;
  const inboxModules = window.require as unknown as <N extends keyof InboxModules>(
    name: N,
  ) => InboxModules[N];
  const widText = agent['widText'] as (wid: PageWid | string | null | undefined) => string;
  const keyText = agent['keyText'] as (key: PageKey) => string;
  const toHistory = agent['toHistory'] as (message: PageMessage) => HistoryMessage;
  const chatOf = agent['chatOf'] as (chatId: string) => PageChat | undefined;
  const findMessage = agent['findMessage'] as (full: string) => Promise<PageMessage | undefined>;

  /** Notes that the page writes into a chat itself, and what it could not decipher yet. */
  const UNTOLD = ['e2e_notification', 'notification_template', 'protocol', 'ciphertext'];
  const isTold = ({ type }: PageMessage): boolean => !UNTOLD.includes(type ?? '');

  /** Some pages count in seconds, some in milliseconds. */
  const toMs = (time: number | undefined): number =>
    time === undefined ? 0 : time < 100_000_000_000 ? time * 1000 : time;

  const reactionsOf = async (message: FullMessage): Promise<readonly PageReaction[] | undefined> => {
    if (message.hasReaction !== true) return [];
    try {
      const found = await inboxModules('WAWebCollections').Reactions?.find(keyText(message.id));
      const groups = found?.reactions?.serialize();
      if (groups === undefined) return undefined;
      return groups
        .flatMap(({ senders }) => senders ?? [])
        .map(({ reactionText, timestamp, senderUserJid }) => ({
          sender: widText(senderUserJid),
          emoji: reactionText ?? '',
          at: toMs(timestamp),
        }));
    } catch {
      return undefined;
    }
  };

  const mediaOf = (message: FullMessage): MediaFacts | undefined =>
    message.directPath === undefined
      ? undefined
      : { mimetype: message.mimetype, filename: message.filename, size: message.size };

  const vcardsOf = ({ type, vcardList, body }: FullMessage): readonly string[] => {
    if (type === 'vcard') return [body ?? ''];
    return type === 'multi_vcard' ? (vcardList ?? []).map(({ vcard }) => vcard) : [];
  };

  /** Types whose body is no text: a thumbnail, a card, a place. */
  const NO_TEXT = [
    ...['image', 'video', 'ptv', 'audio', 'ptt', 'document', 'sticker', 'album'],
    ...['location', 'live_location', 'vcard', 'multi_vcard', 'product'],
  ];
  const bodyOf = ({ caption, type, body }: FullMessage): string =>
    caption ?? (NO_TEXT.includes(type ?? '') ? '' : (body ?? ''));

  const toSnapshot = async (message: FullMessage): Promise<MessageSnapshot> => ({
    ...toHistory(message),
    body: bodyOf(message),
    revoked: message.type === 'revoked',
    reactions: await reactionsOf(message),
    media: mediaOf(message),
    forwarded: message.isForwarded === true,
    mentions: (message.mentionedJidList ?? []).map(widText),
    location:
      message.type === 'location'
        ? { latitude: message.lat ?? 0, longitude: message.lng ?? 0, description: message.loc }
        : undefined,
    vcards: vcardsOf(message),
    poll:
      message.type === 'poll_creation'
        ? {
            question: message.pollName ?? '',
            options: (message.pollOptions ?? []).map(({ name }) => name),
            multiple: message.pollSelectableOptionsCount !== 1,
          }
        : undefined,
    notice:
      message.type === 'gp2'
        ? { subtype: message.subtype ?? 'unknown', recipients: (message.recipients ?? []).map(widText) }
        : undefined,
  });

  /** Those of a chat that are in memory, in the order in which the page shows them. */
  const shownIn = (chat: PageChat): readonly PageMessage[] =>
    chat.msgs
      .getModelsArray()
      .filter(isTold)
      .map((message, index) => ({ message, index }))
      .sort((a, b) => (a.message.t ?? 0) - (b.message.t ?? 0) || a.index - b.index)
      .map(({ message }) => message);

  const newest = (): readonly ChatHead[] =>
    modules('WAWebCollections')
      .Chat.getModelsArray()
      .map((chat) => {
        const last = shownIn(chat).at(-1);
        return {
          chatId: widText(chat.id),
          messageId: last === undefined ? undefined : keyText(last.id),
          timestamp: (last?.t ?? chat.t ?? 0) * 1000,
        };
      });

  const readBack = async ({ chatId, limit }: { chatId: string; limit: number }): Promise<ReadBack> => {
    const chat = chatOf(chatId);
    if (chat === undefined) return { messages: [], complete: true };
    let complete = false;
    let known = -1;
    while (shownIn(chat).length < limit && !complete) {
      const count = chat.msgs.getModelsArray().length;
      if (count === known) complete = true;
      known = count;
      const more = await modules('WAWebChatLoadMessages').loadEarlierMsgs({ chat });
      if (!more || more.length === 0) complete = true;
    }
    const messages: MessageSnapshot[] = [];
    const shown = shownIn(chat);
    for (const message of shown.slice(-limit)) messages.push(await toSnapshot(message));
    return { messages, complete: complete && shown.length <= limit };
  };

  const inspect = async ({ messageIds }: { messageIds: readonly string[] }) => {
    const found: MessageSnapshot[] = [];
    for (const id of messageIds) {
      const message = await findMessage(id);
      if (message !== undefined && isTold(message)) found.push(await toSnapshot(message));
    }
    return found;
  };

  const opened = new Map<string, Uint8Array>();
  /** Files that nobody closed: more than these are not held. */
  const MAX_OPENED = 4;

  const openMedia = async ({ messageId, maxBytes }: { messageId: string; maxBytes: number }) => {
    const message = (await findMessage(messageId)) as FullMessage | undefined;
    if (message?.directPath === undefined) return null;
    if ((message.size ?? 0) > maxBytes) throw new Error('session-pod: the file is too large');
    const annotations = { addAnnotations: () => annotations, addPoint: () => annotations };
    const bytes = await inboxModules('WAWebDownloadManager')
      .downloadManager.downloadAndMaybeDecrypt({
        directPath: message.directPath,
        encFilehash: message.encFilehash,
        filehash: message.filehash,
        mediaKey: message.mediaKey,
        mediaKeyTimestamp: message.mediaKeyTimestamp,
        type: message.type,
        signal: new AbortController().signal,
        downloadQpl: annotations,
      })
      .catch((error: unknown) => {
        if ((error as { readonly status?: number }).status === 404) return null;
        throw error;
      });
    if (bytes === null) return null;
    if (bytes.byteLength > maxBytes) throw new Error('session-pod: the file is too large');
    for (const token of [...opened.keys()].slice(0, -MAX_OPENED + 1)) opened.delete(token);
    const token = crypto.randomUUID();
    opened.set(token, new Uint8Array(bytes));
    return { ...mediaOf(message), token, size: bytes.byteLength };
  };

  const readMedia = ({ token, offset, length }: { token: string; offset: number; length: number }) => {
    const bytes = opened.get(token);
    if (bytes === undefined) throw new Error('session-pod: the file is not open any more');
    const part = bytes.subarray(offset, offset + length);
    let binary = '';
    // In steps: so many arguments at once are too many.
    for (let at = 0; at < part.length; at += 8192) {
      binary += String.fromCharCode(...part.subarray(at, at + 8192));
    }
    return btoa(binary);
  };

  const closeMedia = ({ token }: { token: string }) => {
    opened.delete(token);
    return null;
  };

  /** Called with each question to the page, until the page's collections are there. */
  let attached = false;
  const attachInbox = (hint: (event: object) => void): void => {
    if (attached) return;
    try {
      const { Msg } = modules('WAWebCollections');
      const changed = (message: PageMessage) =>
        hint({
          kind: 'inbound',
          hint: { kind: 'changed', messageId: keyText(message.id), chatId: widText(message.id.remote) },
        });
      for (const field of ['type', 'body', 'caption', 'latestEditSenderTimestampMs']) {
        Msg.on(`change:${field}`, changed);
      }
      attached = true;
    } catch {
      // Not there yet; what is hinted at is also asked for.
    }
  };

  Object.assign(agent, {
    newest,
    readBack,
    inspect,
    openMedia,
    readMedia,
    closeMedia,
    attachInbox,
  } satisfies Record<string, (...told: never[]) => unknown>);
}
