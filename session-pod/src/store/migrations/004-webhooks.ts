/** Webhooks and how far each has come. All times are milliseconds since 1970. */
export const WEBHOOKS_SCHEMA = `
  CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    -- settings or api: who may change it.
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    -- JSON: types of events; NULL is all.
    events TEXT,
    -- JSON: one or two keys, the first signs.
    secrets TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    -- The event after which it began.
    begins_after INTEGER NOT NULL,
    -- Why it was disabled by itself.
    disabled_reason TEXT,
    -- Everything up to this event is delivered, given up, or not for it.
    delivered_to INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  -- Chats in which it is ahead of delivered_to.
  CREATE TABLE webhook_cursors (
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    chat TEXT NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (webhook, chat)
  ) STRICT, WITHOUT ROWID;

  -- Events that were tried and are not delivered.
  CREATE TABLE webhook_failures (
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event INTEGER NOT NULL,
    chat TEXT NOT NULL,
    -- retrying, dead, or redriving.
    state TEXT NOT NULL,
    -- Attempts that the receiver answered with a refusal; those that it did not answer do not count.
    refusals INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (webhook, event)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX webhook_failures_by_state ON webhook_failures (webhook, state, event);

  -- The newest attempts; older ones are dropped.
  CREATE TABLE webhook_attempts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    took_ms INTEGER NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX webhook_attempts_by_webhook ON webhook_attempts (webhook, seq);
`;
