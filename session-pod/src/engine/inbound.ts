import type { HistoryMessage } from './engine.ts';

/**
 * What the engine tells of what comes in. Hints say where to look and may be missing or doubled; what counts is what
 * the page answers when it is asked. Every question rejects with an EngineError, and may be asked again.
 */
export interface InboundEngine {
  /** The newest message of every chat, as far as the page has it in memory. */
  newest(): Promise<readonly ChatHead[]>;
  /** The newest messages of a chat, oldest first, in the order of the page. */
  readBack(chatId: string, limit: number): Promise<ReadBack>;
  /** Messages by their full ids, as they are now; those that the page does not have are left out. */
  inspect(messageIds: readonly string[]): Promise<readonly MessageSnapshot[]>;
  /** Fetches the file of a message into the page. Undefined: WhatsApp has it no more. */
  openMedia(messageId: string, maxBytes: number): Promise<OpenMedia | undefined>;
  /** Bytes of a file that was opened, as base64; fewer than asked for only at its end. */
  readMedia(token: string, offset: number, length: number): Promise<string>;
  closeMedia(token: string): Promise<void>;
  onHint(listener: (hint: InboundHint) => void): () => void;
}

export interface ChatHead {
  readonly chatId: string;
  /** Full id; undefined when the page has no message of the chat in memory. */
  readonly messageId: string | undefined;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

export interface ReadBack {
  readonly messages: readonly MessageSnapshot[];
  /** The page has nothing earlier. */
  readonly complete: boolean;
}

/** A message with everything that can change in it. */
export interface MessageSnapshot extends HistoryMessage {
  readonly revoked: boolean;
  /** Undefined when the page could not say. */
  readonly reactions: readonly PageReaction[] | undefined;
  readonly media: MediaFacts | undefined;
  readonly forwarded: boolean;
  readonly mentions: readonly string[];
  readonly location:
    | {
        readonly latitude: number;
        readonly longitude: number;
        readonly description: string | undefined;
      }
    | undefined;
  readonly vcards: readonly string[];
  readonly poll:
    | { readonly question: string; readonly options: readonly string[]; readonly multiple: boolean }
    | undefined;
  /** What happened, of a message that tells of a change of the group. */
  readonly notice: { readonly subtype: string; readonly recipients: readonly string[] } | undefined;
}

export interface PageReaction {
  readonly sender: string;
  readonly emoji: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface MediaFacts {
  readonly mimetype: string | undefined;
  readonly filename: string | undefined;
  /** Bytes. */
  readonly size: number | undefined;
}

export interface OpenMedia extends MediaFacts {
  readonly token: string;
  readonly size: number;
}

export type InboundHint =
  /** A message was edited, revoked or reacted to. */
  | { readonly kind: 'changed'; readonly messageId: string; readonly chatId: string }
  /** A call came in. History does not keep them. */
  | { readonly kind: 'call'; readonly call: IncomingCall };

export interface IncomingCall {
  readonly id: string;
  readonly from: string;
  readonly isVideo: boolean;
  readonly isGroup: boolean;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}
