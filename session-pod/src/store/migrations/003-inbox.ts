/**
 * The event log and what is known of the messages behind it. All times are milliseconds since 1970. `events` is what
 * users read; `known_messages` outlives it, so that a message whose events were pruned is not taken for a new one.
 */
export const INBOX_SCHEMA = `
  CREATE TABLE inbox (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Names this log: ids of events are unique together with it.
    log_id TEXT NOT NULL,
    last_event_id INTEGER NOT NULL,
    -- The oldest event that was not pruned.
    first_event_id INTEGER NOT NULL,
    -- Of all payloads in the log.
    bytes INTEGER NOT NULL,
    account_id TEXT,
    -- History before it is not looked at: from before linking, or older than what is known.
    floor INTEGER,
    -- When a link that has no account yet was made.
    linked_at INTEGER,
    -- Everything up to then was seen in history.
    settled_at INTEGER
  ) STRICT;
  INSERT INTO inbox (one, log_id, last_event_id, first_event_id, bytes)
    VALUES (1, lower(hex(randomblob(4))), 0, 1, 0);

  CREATE TABLE events (
    -- Given out without gaps.
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    -- Empty for what belongs to no chat.
    chat TEXT NOT NULL,
    at INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    -- Full id of the message that it is about.
    message TEXT,
    payload TEXT NOT NULL
  ) STRICT;

  CREATE TABLE known_messages (
    id TEXT PRIMARY KEY,
    timestamp INTEGER NOT NULL,
    edited_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL,
    ack INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX known_messages_by_time ON known_messages (timestamp);

  CREATE TABLE known_reactions (
    message TEXT NOT NULL REFERENCES known_messages (id) ON DELETE CASCADE,
    sender TEXT NOT NULL,
    emoji TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (message, sender)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE known_calls (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
