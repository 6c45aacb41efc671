import type { EventType } from '@whatsapp-operator/api/session';
import type { StoredEvent } from './event.ts';
import type { LogBounds } from './event-log.ts';

/**
 * The inbox as the rest of the session pod sees it.
 *
 * Guarantees: everything that the account's device received is in the log once, in order within its chat, as soon as
 * the session has been connected long enough to read it; ids rise without gaps; what was read once is still there, or
 * a `gap` says that it is not.
 */
export interface Inbox {
  readonly bounds: LogBounds;
  readonly logId: string;
  /** Nothing new is begun; waiting readers are released. */
  stop(): Promise<void>;
  read(query: EventQuery): EventSlice;
  get(id: number): StoredEvent | undefined;
  /**
   * Resolves when the log has got longer than `after`, when time is over, or when the reader has gone; false when
   * the process is ending.
   */
  wait(after: number, timeoutMs: number, signal: AbortSignal): Promise<boolean>;
  /** The process is ending: nobody waits any more. */
  release(): void;
  /** How many readers wait at this moment. */
  readonly readers: number;
  stats(): InboxStats;
}

export interface EventQuery {
  readonly after: number;
  readonly limit: number;
  readonly types: readonly EventType[] | undefined;
}

export interface EventSlice {
  readonly events: readonly StoredEvent[];
  /** Pass as `after` for what follows. */
  readonly next: number;
  /** Events that would have been in the answer and were pruned. */
  readonly gap: { readonly first: number; readonly last: number } | undefined;
}

export interface InboxStats extends LogBounds {
  /** When the oldest event was written; milliseconds since 1970. */
  readonly oldestAt: number | undefined;
  /** Chats that wait to be read back. */
  readonly backlog: number;
  /** False while the volume is too full: what comes in stays in WhatsApp Web. */
  readonly writing: boolean;
  /** When log and history last agreed. */
  readonly settledAt: number | undefined;
}
