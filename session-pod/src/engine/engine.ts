import type { SessionState, Transition } from '@whatsapp-operator/api/session';
import type { InboundEngine } from './inbound.ts';

/**
 * What the rest of the session pod sees of the thing that runs WhatsApp Web. The one implementation drives
 * whatsapp-web.js in a worker thread under a supervisor; nothing here names it, so that another could take its place.
 *
 * Guarantees: a call into the page ends within its deadline, whatever the page does; `send` and `lookup` never
 * throw and never claim more than was proven; the other questions reject with an EngineError, which may be asked
 * again; events are hints that can be missing or doubled. Faults below are recovered here and told as transitions.
 */
export interface Engine {
  readonly snapshot: EngineSnapshot;

  /** Begins. Returns at once; what follows is told as transitions. */
  start(): void;
  /** Ends the browser cleanly, so that nothing of the profile is lost; kills it at the deadline. */
  stop(deadlineMs: number): Promise<void>;
  /** Ends this life of the browser and begins another with the same profile. Leads out of Failed too. */
  restart(detail: string): Promise<void>;
  /** Unlinks the device at WhatsApp as far as that can be reached, wipes the profile, and begins anew in Pairing. */
  logout(): Promise<void>;

  /**
   * One attempt to hand a message to the page under its pinned id. Sends of one chat are serialised inside, in the
   * order of the calls: the next begins when the one before has ended. Chats do not wait for each other.
   */
  send(message: OutboundMessage): Promise<SendOutcome>;
  /** What the page knows of a message of ours. Never guesses: unknown is `unavailable`. */
  lookup(key: MessageKey): Promise<LookupResult>;
  /** Closes the page's socket and lets it connect anew, which is milder than a restart. */
  reconnectSocket(): Promise<void>;

  /** Switches to a pairing code for this phone number (digits only), and gives the code. */
  requestPairingCode(phoneNumber: string): Promise<string>;
  /** A PNG of the page. */
  screenshot(): Promise<Uint8Array>;
  /** The id of a number on WhatsApp; undefined when it is not registered. Digits only. */
  resolveNumber(phoneNumber: string): Promise<string | undefined>;
  listChats(limit: number): Promise<readonly ChatSummary[]>;
  listContacts(limit: number): Promise<readonly ContactSummary[]>;
  /** The newest messages of a chat, oldest first. */
  history(chatId: string, limit: number): Promise<readonly HistoryMessage[]>;

  /** What comes in: reading back, and hints. */
  readonly inbound: InboundEngine;

  on(listener: EngineListener): () => void;
}

/** The state now; a plain value that may be kept. */
export interface EngineSnapshot {
  readonly state: SessionState;
  readonly lastTransition: Transition;
  /** Milliseconds since 1970; undefined while not Connected. */
  readonly connectedSince: number | undefined;
  /** Known once linked, and kept over restarts. `id` is `<digits>@c.us`. */
  readonly account: Account | undefined;
  /** True once the registration has certainly reached the disk: a kill now needs no second scan. */
  readonly registrationDurable: boolean;
  readonly pairing: Pairing | undefined;
  /** False once recovery within this process has given up: the process should be restarted from outside. */
  readonly live: boolean;
  readonly versions: EngineVersions;
}

export interface Account {
  readonly id: string;
  readonly name: string | undefined;
  readonly platform: string | undefined;
}

export interface EngineVersions {
  /** Name and version of the library. */
  readonly engine: string;
  readonly browser: string | undefined;
  readonly whatsappWeb: string | undefined;
}

export type Pairing =
  | { readonly method: 'QRCode'; readonly qr: string; readonly since: number }
  | {
      readonly method: 'PairingCode';
      readonly code: string;
      readonly phoneNumber: string;
      readonly since: number;
    };

/** Names a message of ours at WhatsApp: `true_<chatId>_<id>` and, in groups, `_<own id>`. */
export interface MessageKey {
  readonly chatId: string;
  /** The part that we make: 3EB0 and 18 upper-case hexadecimal digits. */
  readonly id: string;
}

export interface OutboundMessage extends MessageKey {
  readonly content: OutboundContent;
  /** Full id of the message that this one answers. */
  readonly replyTo: string | undefined;
  readonly mentions: readonly string[];
  /** After this many milliseconds the outcome is `ambiguous`, whatever the page does later. */
  readonly deadlineMs: number;
}

/** What is sent, ready to be handed over: files lie on the volume. */
export type OutboundContent =
  | { readonly type: 'text'; readonly body: string; readonly linkPreview: boolean }
  | {
      readonly type: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker';
      readonly path: string;
      readonly mimetype: string;
      readonly filename: string | undefined;
      readonly caption: string | undefined;
    }
  | {
      readonly type: 'location';
      readonly latitude: number;
      readonly longitude: number;
      readonly name: string | undefined;
      readonly address: string | undefined;
    }
  | { readonly type: 'contacts'; readonly vcards: readonly string[] }
  | {
      readonly type: 'poll';
      readonly question: string;
      readonly options: readonly string[];
      readonly multiple: boolean;
    }
  /** Reacts to a message by its full id; an empty emoji takes the reaction back. Has no id of its own at WhatsApp. */
  | { readonly type: 'reaction'; readonly messageId: string; readonly emoji: string };

/** −1 error, 0 pending, 1 server, 2 device, 3 read, 4 played. */
export type Ack = -1 | 0 | 1 | 2 | 3 | 4;

/** What one attempt proved. */
export type SendOutcome =
  /** The page has stored it under its id. That says nothing about leaving. */
  | { readonly kind: 'inserted'; readonly ack: Ack }
  /** The call into the page was never begun: not connected, or shutting down. Proven unsent. */
  | { readonly kind: 'not_begun'; readonly detail: string }
  /** The page or the library refused before anything was stored, for a cause that is known. Proven unsent. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly detail: string }
  /** Begun, and nothing is proven: the page resolved with nothing, rejected, timed out or died. */
  | {
      readonly kind: 'ambiguous';
      readonly cause: 'no_result' | 'rejected' | 'timeout' | 'engine_lost';
      readonly detail: string;
    };

export type RefusalCode =
  | 'not_on_whatsapp'
  | 'chat_not_found'
  | 'not_a_member'
  | 'invalid_media'
  | 'quoted_message_not_found'
  | 'message_not_found'
  | 'unsupported_content';

export type LookupResult =
  | { readonly kind: 'found'; readonly ack: Ack }
  | { readonly kind: 'absent' }
  /** The page cannot be asked, or has not yet loaded what it would need to know. */
  | { readonly kind: 'unavailable'; readonly detail: string };

export interface ChatSummary {
  readonly id: string;
  readonly name: string | undefined;
  readonly isGroup: boolean;
  readonly unreadCount: number;
  /** Milliseconds since 1970 of the newest message. */
  readonly lastMessageAt: number | undefined;
}

export interface ContactSummary {
  readonly id: string;
  readonly name: string | undefined;
  readonly pushName: string | undefined;
  readonly isMyContact: boolean;
  readonly isBlocked: boolean;
}

/** A message as the page tells it. */
export interface HistoryMessage {
  /** Full id. */
  readonly id: string;
  readonly chatId: string;
  readonly fromMe: boolean;
  /** Who wrote it; in groups the member. */
  readonly author: string;
  readonly type: string;
  readonly body: string;
  readonly hasMedia: boolean;
  readonly ack: Ack;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly quotedMessageId: string | undefined;
  readonly editedAt: number | undefined;
}

/** Every member is optional for the listener; none may throw. */
export interface EngineListener {
  readonly transition?: (transition: Transition) => void;
  /** The code to link with is new, or gone. */
  readonly pairing?: (pairing: Pairing | undefined) => void;
  /**
   * An ack of a message of ours, by its full id. The chat in it is as the page knows it, which may be the hidden id
   * (`@lid`) of a chat that was addressed by number: match by the part that is ours.
   */
  readonly ack?: (messageId: string, ack: Ack) => void;
  readonly message?: (message: HistoryMessage) => void;
}
