/**
 * What outlives a process: whether the last one ended as it should, which account the data belongs to, and every
 * counter.
 */
export const PROCESS_SCHEMA = `
  CREATE TABLE process (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- 1 only between an orderly end and the next start.
    clean INTEGER NOT NULL,
    account_id TEXT,
    last_disconnect_reason TEXT,
    last_disconnect_at INTEGER
  ) STRICT;
  INSERT INTO process (one, clean, account_id) VALUES (1, 1, NULL);

  CREATE TABLE counters (
    name TEXT NOT NULL,
    -- Label values in the order of the definition, as a JSON array.
    labels TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (name, labels)
  ) STRICT, WITHOUT ROWID;
`;
