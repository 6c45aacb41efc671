import type {
  AttemptOutcome,
  AttemptReason,
  MessageResource,
  MessageStatus,
  OutcomeCode,
} from '@whatsapp-operator/api/session';
import type { Ack, OutboundContent, RefusalCode } from '../engine/engine.ts';

type MediaOutbound = Extract<OutboundContent, { readonly path: string }>;

/** What is to be sent, as it is stored: like the engine's, with files by their digest. */
export type StoredContent =
  | Exclude<OutboundContent, MediaOutbound>
  | (Omit<MediaOutbound, 'path'> & {
      /** SHA-256 of the staged file, in hexadecimal. */
      readonly digest: string;
    });

/** One attempt to hand a message over. Times are milliseconds since 1970. */
export interface Attempt {
  readonly number: number;
  readonly reason: AttemptReason;
  readonly begunAt: number;
  readonly endedAt: number | undefined;
  /** Undefined while the call runs, and after a crash until the next start says `interrupted`. */
  readonly outcome: AttemptOutcome | undefined;
  /** Exactly when it was refused. */
  readonly refusal: RefusalCode | undefined;
  readonly detail: string | undefined;
}

/** An accepted message as it stands in the database. A plain value. Times are milliseconds since 1970. */
export interface Message {
  /** Order of acceptance. */
  readonly seq: number;
  /** The pinned id: 3EB0 and 18 hexadecimal digits. */
  readonly id: string;
  readonly chatId: string;
  readonly type: StoredContent['type'];
  readonly status: MessageStatus;
  readonly outcome: { readonly code: OutcomeCode; readonly detail: string } | undefined;
  /** The full id at WhatsApp, once an event has told it. */
  readonly whatsappId: string | undefined;
  /** The newest that the page said of it; undefined before it said anything. */
  readonly ack: Ack | undefined;
  readonly acceptedAt: number;
  readonly expiresAt: number;
  /** No attempt before this time. */
  readonly nextAttemptAt: number | undefined;
  /** When the page was first known to have it, in the attempt that counts. */
  readonly insertedAt: number | undefined;
  readonly sentAt: number | undefined;
  readonly deliveredAt: number | undefined;
  readonly readAt: number | undefined;
  readonly endedAt: number | undefined;
  /** The file that it needs until it has left or ended. */
  readonly mediaDigest: string | undefined;
  /** How many steps were taken because its acknowledgement stayed away: 0, 1 (socket), 2 (browser). */
  readonly nudges: number;
  /** When the page is asked next about a message that has left or was given up; undefined when it is not any more. */
  readonly checkAt: number | undefined;
  readonly attempts: readonly Attempt[];
}

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

/** The message as the API tells it. */
export function toResource(message: Message): MessageResource {
  return {
    id: message.id,
    to: message.chatId,
    type: message.type,
    status: message.status,
    outcome: message.outcome ?? null,
    messageId: message.whatsappId ?? null,
    acceptedAt: new Date(message.acceptedAt).toISOString(),
    expiresAt: new Date(message.expiresAt).toISOString(),
    nextAttemptAt: iso(message.nextAttemptAt),
    sentAt: iso(message.sentAt),
    deliveredAt: iso(message.deliveredAt),
    readAt: iso(message.readAt),
    endedAt: iso(message.endedAt),
    attempts: message.attempts.map((attempt) => ({
      number: attempt.number,
      reason: attempt.reason,
      begunAt: new Date(attempt.begunAt).toISOString(),
      endedAt: iso(attempt.endedAt),
      outcome: attempt.outcome ?? null,
      detail: attempt.detail ?? null,
    })),
  };
}
