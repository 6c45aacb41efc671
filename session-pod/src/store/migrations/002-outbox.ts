/**
 * The outbox. All times are milliseconds since 1970. What a message says (\`content\` and what belongs to it) is
 * emptied once it has left or ended; the row stays for as long as somebody may ask.
 */
export const OUTBOX_SCHEMA = `
  CREATE TABLE messages (
    -- Order of acceptance; AUTOINCREMENT, so that a cursor stays right after the newest row was deleted.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    chat_id TEXT NOT NULL,
    type TEXT NOT NULL,
    -- JSON: content, replyTo, mentions.
    content TEXT,
    media_digest TEXT,
    status TEXT NOT NULL,
    outcome_code TEXT,
    outcome_detail TEXT,
    whatsapp_id TEXT,
    ack INTEGER,
    accepted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    next_attempt_at INTEGER,
    inserted_at INTEGER,
    sent_at INTEGER,
    delivered_at INTEGER,
    read_at INTEGER,
    ended_at INTEGER,
    nudges INTEGER NOT NULL,
    -- When the page is asked next about a message that has left; NULL when it is not asked any more.
    check_at INTEGER,
    idempotency_key TEXT UNIQUE,
    request_digest TEXT
  ) STRICT;
  CREATE INDEX messages_by_status ON messages (status, seq);
  CREATE INDEX messages_by_chat ON messages (chat_id, seq);
  CREATE INDEX messages_by_check ON messages (check_at) WHERE check_at IS NOT NULL;
  CREATE INDEX messages_by_end ON messages (ended_at) WHERE ended_at IS NOT NULL;
  CREATE INDEX messages_by_media ON messages (media_digest) WHERE media_digest IS NOT NULL;

  CREATE TABLE attempts (
    seq INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    reason TEXT NOT NULL,
    -- Committed before the page is called: an attempt without an outcome may have left.
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    refusal TEXT,
    detail TEXT,
    PRIMARY KEY (seq, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX attempts_open ON attempts (seq) WHERE outcome IS NULL;
`;
