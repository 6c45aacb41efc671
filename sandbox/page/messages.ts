import type { Ack, Jid, Me, Quote, WireMessage, WireReaction } from '../src/wire.ts';
import { toContent, toFields } from './content-fields.ts';
import { MediaData } from './media.ts';
import { MsgKey } from './message-key.ts';
import { Collection, Model } from './model.ts';
import { Wid } from './wid.ts';

/** What every message has; what it holds comes on top (see content-fields). */
export interface MessageFields {
  readonly id: MsgKey;
  readonly type: string;
  readonly ack: Ack;
  readonly t: number;
  readonly from: Wid;
  readonly to: Wid;
  readonly isNewMsg: boolean;
  readonly body?: string;
  readonly caption?: string;
  readonly directPath?: string;
  readonly filehash?: string;
  readonly hasReaction?: boolean;
  readonly star?: boolean;
  readonly pollOptions?: readonly { readonly name: string; readonly localId: number }[];
  readonly latestEditSenderTimestampMs?: number;
  readonly latestEditMsgKey?: MsgKey;
}

/** A message as the page holds it in memory. */
export class MsgModel extends Model<MessageFields> {
  declare readonly id: MsgKey;
  declare readonly type: string;
  declare readonly ack: Ack;
  declare readonly t: number;
  declare readonly body?: string;
  declare readonly caption?: string;
  declare readonly directPath?: string;
  declare readonly filehash?: string;
  declare readonly hasReaction?: boolean;
  declare readonly pollOptions?: readonly { readonly name: string; readonly localId: number }[];
  /** Undefined for messages without a file, as whatsapp-web.js tests for it. */
  readonly mediaData: MediaData | undefined;
  /** Set for files: whatsapp-web.js looks for links in the caption then. */
  readonly mediaObject: object | undefined;
  /** Who reacted how, in order. */
  reactions: readonly WireReaction[] = [];

  constructor(fields: MessageFields) {
    super(fields);
    this.mediaData = fields.directPath === undefined ? undefined : new MediaData({ mediaStage: 'INIT' });
    this.mediaObject = fields.directPath === undefined ? undefined : {};
  }

  /** The real page guards some properties; this hands out the same message. */
  unsafe(): this {
    return this;
  }

  canReply(): boolean {
    return true;
  }

  /** What a reply to this message carries. */
  msgContextInfo(): Readonly<Record<string, unknown>> {
    return {
      quotedMsg: this.serialize(),
      quotedStanzaID: this.id.id,
      quotedParticipant: authorOf(this),
    };
  }

  /** Fetches the file, so that `mediaData` says whether it is there. */
  async downloadMedia(): Promise<void> {
    const response = await fetch(this.directPath ?? '/v/media/none');
    this.mediaData?.set({ mediaStage: response.ok ? 'RESOLVED' : 'ERROR_MISSING' });
  }
}

/** Who wrote a message. */
export function authorOf(message: MsgModel): Wid {
  const { author, from } = message as unknown as { readonly author?: Wid; readonly from: Wid };
  return author ?? from;
}

export const keyOfWire = (message: Pick<WireMessage, 'chat' | 'id' | 'fromMe' | 'author'>): MsgKey => {
  const remote = new Wid(message.chat);
  return new MsgKey({
    fromMe: message.fromMe,
    remote,
    id: message.id,
    participant: remote.isGroup() ? new Wid(message.author) : undefined,
  });
};

const quoteFields = (quote: Quote | undefined, chat: Jid): Readonly<Record<string, unknown>> =>
  quote === undefined
    ? {}
    : {
        quotedMsg: { ...toFields(quote.content), id: quote.id, from: quote.author, to: chat },
        quotedStanzaID: quote.id,
        quotedParticipant: new Wid(quote.author),
      };

/** A message from the wire as a model. `isNewMsg` makes whatsapp-web.js tell of it. */
export function toModel(message: WireMessage, me: Me, isNewMsg: boolean): MsgModel {
  const chat = new Wid(message.chat);
  const own = new Wid(me.jid);
  const content = toFields(message.content);
  const fields = {
    id: keyOfWire(message),
    ack: message.ack,
    t: message.t,
    from: message.fromMe ? own : chat,
    to: message.fromMe ? chat : own,
    ...(chat.isGroup() ? { author: new Wid(message.author) } : {}),
    self: message.fromMe ? 'out' : 'in',
    isNewMsg,
    isForwarded: message.forwarded ?? false,
    star: false,
    mentionedJidList: (message.mentions ?? []).map((jid) => new Wid(jid)),
    hasReaction: (message.reactions ?? []).length > 0,
    links: [],
    ...(message.editedAt === undefined ? {} : { latestEditSenderTimestampMs: message.editedAt }),
    ...content,
    ...(message.revoked === true ? { type: 'revoked' } : {}),
    ...quoteFields(message.quote, message.chat),
  };
  const model = new MsgModel(fields);
  model.reactions = message.reactions ?? [];
  return model;
}

/** What whatsapp-web.js composed for sending, as the wire carries it. */
export function toOutgoing(
  composed: Readonly<Record<string, unknown>>,
): Pick<WireMessage, 'id' | 'chat' | 't' | 'content' | 'quote' | 'mentions' | 'forwarded'> {
  const key = composed['id'] as MsgKey;
  const quoted = composed['quotedMsg'] as Readonly<Record<string, unknown>> | undefined;
  const mentions = composed['mentionedJidList'] as readonly unknown[] | undefined;
  return {
    id: key.id,
    chat: String(key.remote),
    t: Number(composed['t']),
    content: toContent(composed),
    quote:
      quoted === undefined
        ? undefined
        : {
            id: String(composed['quotedStanzaID']),
            author: String(composed['quotedParticipant']),
            content: toContent(quoted),
          },
    mentions: mentions === undefined || mentions.length === 0 ? undefined : mentions.map(String),
    forwarded: composed['isForwarded'] === true ? true : undefined,
  };
}

/** All messages that are in memory; the rest are in the page's database. */
export class MsgCollection extends Collection<MsgModel> {
  /** The class of its models, which whatsapp-web.js instantiates for channels and statuses. */
  readonly modelClass = MsgModel;
  readonly #load: (keys: readonly string[]) => Promise<readonly MsgModel[]>;
  readonly #search: (query: string, limit: number) => Promise<readonly MsgModel[]>;

  constructor(
    load: (keys: readonly string[]) => Promise<readonly MsgModel[]>,
    search: (query: string, limit: number) => Promise<readonly MsgModel[]>,
  ) {
    super((message) => message.id.toString());
    this.#load = load;
    this.#search = search;
  }

  /** From memory or from the page's database. */
  async getMessagesById(keys: readonly string[]): Promise<{ readonly messages: readonly MsgModel[] }> {
    return { messages: await this.#load(keys) };
  }

  async search(
    query: string,
    page = 1,
    count = 50,
  ): Promise<{ readonly messages: readonly MsgModel[]; readonly page: number }> {
    const found = await this.#search(query, page * count);
    return { messages: found.slice((page - 1) * count), page };
  }
}
