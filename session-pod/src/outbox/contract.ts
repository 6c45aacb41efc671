import type { MessageStatus, WaitTarget } from '@whatsapp-operator/api/session';
import type { Failure } from '../failure.ts';
import type { StagedMedia } from '../media/media.ts';
import type { Message, StoredContent } from './message.ts';

/**
 * The outbox: takes messages, keeps them on disk, hands them to the engine, and knows what became of each.
 *
 * Guarantees: what `accept` returned is on disk; a message ends in one of sent, failed, expired, cancelled, unknown,
 * as docs/delivery.md defines them; none is handed over under two ids; per chat they are handed over in the order
 * of acceptance. Assumes that it alone has the data folder.
 */
export interface Outbox {
  /** Begins to send. Before it, everything else works already. */
  start(): void;

  /**
   * Commits the message to disk, then answers. Answers the first message again when the idempotency key is known.
   *
   * @throws OutboxFailure `storage_full`, `queue_full`, `shutting_down`, `idempotency_key_reused`, `storage_failed`
   */
  accept(request: AcceptRequest, idempotency?: Idempotency): Accepted;
  /**
   * The message that a key stands for; undefined when the key is new. To ask before a file is fetched for nothing.
   *
   * @throws OutboxFailure `idempotency_key_reused` when the digest is another
   */
  recall(idempotency: Idempotency): Message | undefined;
  /** Why new messages are refused now; undefined while they are taken. Cheap; to ask before a body is read. */
  refusal(): OutboxFailure | undefined;

  get(id: string): Message | undefined;
  /**
   * Oldest first. `after` is the `next` of the page before.
   *
   * @throws OutboxFailure `invalid_cursor`
   */
  list(query: ListQuery): MessageSlice;
  /**
   * Takes back a message that is certainly not sent.
   *
   * @throws OutboxFailure `message_not_found`, `not_cancellable` with the status in the text
   */
  cancel(id: string): Message;
  /**
   * Resolves once the message has got as far as that or has ended, or at the timeout, or when the signal is aborted;
   * always with the message as it is then.
   *
   * @throws OutboxFailure `message_not_found`
   */
  wait(id: string, target: WaitTarget, timeoutMs: number, signal?: AbortSignal): Promise<Message>;

  stats(): OutboxStats;

  /** Refuses new messages from now on with `shutting_down`. Sending goes on. */
  pauseIntake(): void;
  resumeIntake(): void;
  /**
   * Begins nothing new, and waits for the call in flight, at most until the deadline. Everything that came back is on
   * disk then. Waiting clients are answered.
   */
  drain(deadlineMs: number): Promise<void>;
}

export interface AcceptRequest {
  /** Normalised. */
  readonly chatId: string;
  readonly content: AcceptContent;
  readonly replyTo: string | undefined;
  readonly mentions: readonly string[];
  /** Milliseconds; undefined takes the setting. */
  readonly expiresAfterMs: number | undefined;
}

/** Content as it is stored. `acceptableContent` makes it from the request. */
export type AcceptContent = StoredContent;

export interface Idempotency {
  readonly key: string;
  /** Of the body; `requestDigest` makes it. */
  readonly digest: string;
}

export interface Accepted {
  readonly message: Message;
  /** True when the key was known, and this is the first answer again. */
  readonly replayed: boolean;
}

export interface ListQuery {
  /** Undefined lists all. */
  readonly status: MessageStatus | undefined;
  readonly chatId: string | undefined;
  readonly after: string | undefined;
  /** 1 to 1000. */
  readonly limit: number;
}

export interface MessageSlice {
  readonly messages: readonly Message[];
  readonly next: string | undefined;
}

export interface OutboxStats {
  readonly byStatus: Readonly<Record<MessageStatus, number>>;
  /** When the oldest message that is queued or sending was accepted. */
  readonly oldestOpenAt: number | undefined;
  /** False while new messages are refused. */
  readonly accepting: boolean;
  readonly refusal: OutboxFailureCode | undefined;
}

export type OutboxFailureCode =
  /** The volume is nearly full. HTTP 507. */
  | 'storage_full'
  /** The database cannot be written for another cause. */
  | 'storage_failed'
  /** As many messages are open as the settings allow. HTTP 429. */
  | 'queue_full'
  | 'shutting_down'
  | 'idempotency_key_reused'
  | 'message_not_found'
  | 'not_cancellable'
  | 'invalid_cursor';
export type OutboxFailure = Failure<OutboxFailureCode>;

/** What HTTP needs of a staged file to make content of it. */
export type { StagedMedia };
