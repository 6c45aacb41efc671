/** How the inbox works. Durations in milliseconds, sizes in bytes. */
export interface InboxSettings {
  /** How far back the history of a newly linked account is taken into the log; 0 begins with the link. */
  readonly historyMs: number;
  /** How often the chats are compared with the log while connected. */
  readonly reconcileIntervalMs: number;
  /** How long events are kept, as long as no webhook still needs them. */
  readonly retentionMs: number;
  /** Of all payloads; the oldest go first, also those that a webhook still needs: then a gap is told. */
  readonly maxBytes: number;
  /** How long it is remembered that a message was seen; history before it is not read. */
  readonly memoryMs: number;
  /** Most messages that are remembered. */
  readonly maxKnown: number;
  /** How far back messages are looked at again after a start for edits, deletions, reactions and acks. */
  readonly lookBackMs: number;
  /** Most of them. */
  readonly lookBackMessages: number;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const defaultInboxSettings: InboxSettings = {
  historyMs: 0,
  reconcileIntervalMs: minute,
  retentionMs: 7 * day,
  maxBytes: 256 * 2 ** 20,
  memoryMs: 30 * day,
  maxKnown: 1_000_000,
  // WhatsApp lets messages be deleted for everyone for a little more than two days.
  lookBackMs: 60 * hour,
  lookBackMessages: 2000,
};
