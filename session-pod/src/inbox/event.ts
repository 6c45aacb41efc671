import type { EventType } from '@whatsapp-operator/api/session';

/** An event that is to be written. */
export interface NewEvent {
  readonly type: EventType;
  /** Undefined for what belongs to no chat. */
  readonly chat: string | undefined;
  /** When it happened, as WhatsApp says. Milliseconds since 1970. */
  readonly occurredAt: number;
  /** Full id of the message that it is about. */
  readonly message: string | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** An event of the log. */
export interface StoredEvent extends NewEvent {
  /** Its place in the log, counted without gaps. */
  readonly id: number;
  /** When it was written. Milliseconds since 1970. */
  readonly at: number;
}

/** What is known of a message that is in the log, or that must not come into it. */
export interface KnownMessage {
  readonly id: string;
  readonly timestamp: number;
  /** Of the newest edit that was told; 0 for none. */
  readonly editedAt: number;
  readonly revoked: boolean;
  /** The highest that was told; of messages from others 0. */
  readonly ack: number;
  readonly reactions: readonly KnownReaction[];
}

export interface KnownReaction {
  readonly sender: string;
  /** Empty once it was taken back. */
  readonly emoji: string;
  readonly at: number;
}
