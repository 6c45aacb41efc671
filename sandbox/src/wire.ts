/**
 * The frames that the simulated page and the simulated server exchange, as JSON over one WebSocket.
 *
 * Types only: the page bundles this file away. The real service speaks an encrypted binary protocol that
 * whatsapp-web.js never sees; what it does see (states, messages, acks) is modelled in these frames.
 */

/** `<digits>@c.us` for a person, `<digits>@g.us` for a group, `<digits>@lid` for a person's hidden id. */
export type Jid = string;

/** −1 refused, 0 waiting in the page, 1 at the server, 2 on the recipient's device, 3 read, 4 played. */
export type Ack = -1 | 0 | 1 | 2 | 3 | 4;

export type MediaKind = 'image' | 'video' | 'audio' | 'ptt' | 'document' | 'sticker';

/** A file that lies on the server; `filehash` is the base64 SHA-256 of its bytes. */
export interface MediaInfo {
  readonly kind: MediaKind;
  readonly mimetype: string;
  readonly size: number;
  readonly filehash: string;
  readonly directPath: string;
  readonly mediaKey: string;
  readonly filename?: string | undefined;
  readonly caption?: string | undefined;
}

export type Content =
  | { readonly kind: 'text'; readonly body: string }
  | { readonly kind: 'media'; readonly media: MediaInfo }
  | {
      readonly kind: 'location';
      readonly latitude: number;
      readonly longitude: number;
      readonly description?: string | undefined;
      readonly url?: string | undefined;
    }
  | {
      readonly kind: 'contacts';
      readonly cards: readonly { readonly name: string; readonly vcard: string }[];
    }
  | {
      readonly kind: 'poll';
      readonly name: string;
      readonly options: readonly string[];
      /** 0 means any number of options, as whatsapp-web.js writes it. */
      readonly selectable: number;
    };

/** What a reply shows of the message it answers. */
export interface Quote {
  readonly id: string;
  readonly author: Jid;
  readonly content: Content;
}

export interface WireReaction {
  readonly id: string;
  readonly sender: Jid;
  /** Empty: the reaction was taken back. */
  readonly emoji: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface WireVote {
  readonly id: string;
  readonly sender: Jid;
  /** Indexes into the poll's options. */
  readonly options: readonly number[];
  readonly at: number;
}

export interface WireMessage {
  readonly id: string;
  readonly chat: Jid;
  readonly fromMe: boolean;
  readonly author: Jid;
  /** Seconds since the epoch, as WhatsApp counts. */
  readonly t: number;
  readonly ack: Ack;
  readonly content: Content;
  readonly quote?: Quote | undefined;
  readonly mentions?: readonly Jid[] | undefined;
  readonly forwarded?: boolean | undefined;
  /** Milliseconds since the epoch of the latest edit. */
  readonly editedAt?: number | undefined;
  readonly revoked?: boolean | undefined;
  readonly reactions?: readonly WireReaction[] | undefined;
  readonly votes?: readonly WireVote[] | undefined;
}

/** What the page hands over when it sends; the id is the page's own. */
export type Outgoing = Pick<
  WireMessage,
  'id' | 'chat' | 't' | 'content' | 'quote' | 'mentions' | 'forwarded'
>;

export interface WireContact {
  readonly jid: Jid;
  readonly lid: Jid;
  readonly name: string;
}

export interface WireGroup {
  readonly jid: Jid;
  readonly subject: string;
  readonly owner: Jid;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly participants: readonly Jid[];
}

export interface WireChat {
  readonly jid: Jid;
  readonly name: string;
  readonly t: number;
  readonly unread: number;
}

/** Who the linked device belongs to. */
export interface Me {
  readonly jid: Jid;
  readonly lid: Jid;
  readonly name: string;
  readonly phonePlatform: string;
}

/** The credential of a linked device, kept by the page in IndexedDB. */
export interface Registration {
  readonly device: string;
  readonly token: string;
  readonly me: Me;
}

/** Everything that happens to an account after linking, in one order; each device has a cursor into it. */
export type FeedItem =
  | { readonly kind: 'message'; readonly message: WireMessage }
  | { readonly kind: 'receipt'; readonly chat: Jid; readonly id: string; readonly ack: Ack }
  | {
      readonly kind: 'edit';
      readonly chat: Jid;
      readonly id: string;
      readonly content: Content;
      readonly at: number;
    }
  | { readonly kind: 'revoke'; readonly chat: Jid; readonly id: string }
  | { readonly kind: 'reaction'; readonly chat: Jid; readonly id: string; readonly reaction: WireReaction }
  | { readonly kind: 'vote'; readonly chat: Jid; readonly id: string; readonly vote: WireVote }
  | { readonly kind: 'group'; readonly group: WireGroup };

export interface FeedEntry {
  readonly seq: number;
  readonly item: FeedItem;
}

/** A request of the page that the server answers once, matched by number. */
export type Query =
  | { readonly kind: 'request-code'; readonly phone: string }
  | { readonly kind: 'exists'; readonly jid: Jid }
  | { readonly kind: 'history'; readonly chat: Jid; readonly before: string | null; readonly limit: number }
  | { readonly kind: 'create-group'; readonly subject: string; readonly participants: readonly Jid[] }
  | { readonly kind: 'seen'; readonly chat: Jid }
  | { readonly kind: 'edit'; readonly chat: Jid; readonly id: string; readonly body: string }
  | { readonly kind: 'revoke'; readonly chat: Jid; readonly id: string }
  | { readonly kind: 'react'; readonly chat: Jid; readonly id: string; readonly emoji: string }
  | { readonly kind: 'vote'; readonly chat: Jid; readonly id: string; readonly options: readonly number[] }
  | { readonly kind: 'logout' };

/** What each query is answered with. */
export interface Answers {
  readonly 'request-code': { readonly code: string };
  readonly exists: { readonly jid: Jid; readonly lid: Jid } | null;
  readonly history: { readonly messages: readonly WireMessage[] };
  readonly 'create-group': WireGroup;
  readonly seen: null;
  readonly edit: { readonly at: number };
  readonly revoke: null;
  readonly react: WireReaction;
  readonly vote: WireVote;
  readonly logout: null;
}

/** Module name → names of the properties that the library read, wrote or called through `window.require`. */
export type Touched = Readonly<Record<string, readonly string[]>>;

/** The keys that a QR code carries, base64. */
export interface LinkKeys {
  readonly staticKey: string;
  readonly identityKey: string;
  readonly advSecret: string;
  readonly platform: string;
}

export type ClientFrame =
  | {
      readonly t: 'hello';
      readonly registration: { readonly device: string; readonly token: string } | null;
      readonly keys: LinkKeys;
      readonly browser: string;
    }
  | { readonly t: 'refresh-refs' }
  | { readonly t: 'send'; readonly message: Outgoing }
  | { readonly t: 'feed-seen'; readonly seq: number }
  | { readonly t: 'ping'; readonly n: number }
  | { readonly t: 'query'; readonly q: number; readonly query: Query }
  | { readonly t: 'touched'; readonly touched: Touched };

/** What the page needs after linking: the account's world as of the feed's position `cursor`. */
export interface History {
  readonly contacts: readonly WireContact[];
  readonly groups: readonly WireGroup[];
  readonly chats: readonly WireChat[];
  readonly messages: readonly WireMessage[];
}

/** Socket states beyond a lost connection in which the server ends a session. */
export type BlockState = 'CONFLICT' | 'TOS_BLOCK' | 'SMB_TOS_BLOCK' | 'PROXYBLOCK' | 'DEPRECATED_VERSION';

export type ServerFrame =
  | { readonly t: 'ref'; readonly ref: string }
  | { readonly t: 'refs-exhausted' }
  | { readonly t: 'paired'; readonly registration: Registration }
  | {
      readonly t: 'welcome';
      readonly me: Me;
      readonly history: History | null;
      readonly backlog: number;
      readonly faults: readonly PageFault[];
    }
  | { readonly t: 'feed'; readonly entries: readonly FeedEntry[]; readonly backlog: boolean }
  | { readonly t: 'backlog-done' }
  | { readonly t: 'sent'; readonly id: string; readonly chat: Jid; readonly ack: Ack; readonly at: number }
  | { readonly t: 'refused'; readonly id: string; readonly chat: Jid; readonly code: string }
  | { readonly t: 'pong'; readonly n: number }
  | { readonly t: 'logged-out' }
  | { readonly t: 'block'; readonly state: BlockState }
  | { readonly t: 'fault'; readonly fault: PageFault }
  | { readonly t: 'answer'; readonly q: number; readonly ok: true; readonly value: unknown }
  | { readonly t: 'answer'; readonly q: number; readonly ok: false; readonly code: string };

/** The faults that the page itself plays. */
export type PageFault =
  | { readonly kind: 'never-ready' }
  | { readonly kind: 'early-ready' }
  | { readonly kind: 'send-before-store' }
  | { readonly kind: 'no-resend' }
  | { readonly kind: 'rename-message-key' }
  | { readonly kind: 'missing-modules'; readonly modules: readonly string[] }
  | { readonly kind: 'whats-new'; readonly blocksSync: boolean }
  | { readonly kind: 'slow-boot'; readonly ms: number }
  | { readonly kind: 'hang'; readonly ms: number }
  | { readonly kind: 'crash' }
  | { readonly kind: 'heap-growth'; readonly megabytes: number; readonly perSecond: number }
  | { readonly kind: 'reload' }
  | { readonly kind: 'navigate'; readonly url: string };

/** Periods and delays of the simulation, all in milliseconds. */
export interface PageTiming {
  readonly syncMs: number;
  readonly keepaliveMs: number;
  readonly connectTimeoutMs: number;
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
}

/** What the served HTML tells the page before it has a socket. */
export interface BootConfig {
  readonly version: string;
  readonly timing: PageTiming;
  readonly faults: readonly PageFault[];
}
