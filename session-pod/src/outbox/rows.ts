import type { SQLOutputValue } from 'node:sqlite';
import type {
  AttemptOutcome,
  AttemptReason,
  MessageStatus,
  OutcomeCode,
} from '@whatsapp-operator/api/session';
import type { Ack, RefusalCode } from '../engine/engine.ts';
import type { Database } from '../store/database.ts';
import type { Attempt, Message, StoredContent } from './message.ts';

type Row = Record<string, SQLOutputValue>;

/** What a message says. Kept apart from the message, because it is needed only when it is handed over. */
export interface Payload {
  readonly content: StoredContent;
  readonly replyTo: string | undefined;
  readonly mentions: readonly string[];
}

export interface NewMessage {
  readonly message: Omit<Message, 'seq'>;
  readonly payload: Payload;
  readonly idempotencyKey: string | undefined;
  readonly requestDigest: string | undefined;
}

/** Messages as rows of the database. Reads and writes what it is told; decides nothing. */
export class MessageRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert({ message, payload, idempotencyKey, requestDigest }: NewMessage): Message {
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO messages (id, chat_id, type, content, media_digest, status, accepted_at, expires_at, nudges,
           idempotency_key, request_digest)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
      )
      .run(
        message.id,
        message.chatId,
        message.type,
        JSON.stringify(payload),
        message.mediaDigest ?? null,
        message.status,
        message.acceptedAt,
        message.expiresAt,
        idempotencyKey ?? null,
        requestDigest ?? null,
      );
    return { ...message, seq: Number(lastInsertRowid) };
  }

  /** Writes what may have changed. What the message says is emptied once it has left or ended. */
  update(before: Message, after: Message): void {
    this.#database
      .prepare(
        `UPDATE messages SET status = $status, outcome_code = $code, outcome_detail = $detail,
           whatsapp_id = $whatsappId, ack = $ack, next_attempt_at = $nextAttemptAt, inserted_at = $insertedAt,
           sent_at = $sentAt, delivered_at = $deliveredAt, read_at = $readAt, ended_at = $endedAt,
           nudges = $nudges, check_at = $checkAt,
           content = iif($endedAt IS NULL, content, NULL),
           media_digest = iif($endedAt IS NULL, media_digest, NULL)
         WHERE seq = $seq`,
      )
      .run({
        $status: after.status,
        $code: after.outcome?.code ?? null,
        $detail: after.outcome?.detail ?? null,
        $whatsappId: after.whatsappId ?? null,
        $ack: after.ack ?? null,
        $nextAttemptAt: after.nextAttemptAt ?? null,
        $insertedAt: after.insertedAt ?? null,
        $sentAt: after.sentAt ?? null,
        $deliveredAt: after.deliveredAt ?? null,
        $readAt: after.readAt ?? null,
        $endedAt: after.endedAt ?? null,
        $nudges: after.nudges,
        $checkAt: after.checkAt ?? null,
        $seq: after.seq,
      });
    for (const attempt of after.attempts) {
      if (!before.attempts.includes(attempt)) this.#putAttempt(after.seq, attempt);
    }
  }

  #putAttempt(seq: number, attempt: Attempt): void {
    this.#database
      .prepare(
        `INSERT INTO attempts (seq, number, reason, begun_at, ended_at, outcome, refusal, detail)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (seq, number) DO UPDATE SET
           ended_at = excluded.ended_at, outcome = excluded.outcome, refusal = excluded.refusal, detail = excluded.detail`,
      )
      .run(
        seq,
        attempt.number,
        attempt.reason,
        attempt.begunAt,
        attempt.endedAt ?? null,
        attempt.outcome ?? null,
        attempt.refusal ?? null,
        attempt.detail ?? null,
      );
  }

  byId(id: string): Message | undefined {
    return this.#read('SELECT * FROM messages WHERE id = ?', id)[0];
  }

  byKey(key: string): { readonly message: Message; readonly digest: string } | undefined {
    const row = this.#database.prepare('SELECT * FROM messages WHERE idempotency_key = ?').get(key);
    return row === undefined
      ? undefined
      : { message: this.#toMessage(row), digest: String(row['request_digest']) };
  }

  /** Queued and sending, in order of acceptance. */
  open(): readonly Message[] {
    return this.#read(`SELECT * FROM messages WHERE status IN ('queued', 'sending') ORDER BY seq`);
  }

  /** Those with an attempt whose outcome never reached the disk. */
  withOpenAttempt(): readonly Message[] {
    return this.#read(
      'SELECT * FROM messages WHERE seq IN (SELECT seq FROM attempts WHERE outcome IS NULL) ORDER BY seq',
    );
  }

  list(
    {
      status,
      chatId,
      limit,
    }: { readonly status?: string | undefined; readonly chatId?: string | undefined; readonly limit: number },
    afterSeq: number,
  ): readonly Message[] {
    const conditions = ['seq > ?'];
    const values: (string | number)[] = [afterSeq];
    for (const [column, value] of [
      ['status', status],
      ['chat_id', chatId],
    ] as const) {
      if (value === undefined) continue;
      conditions.push(`${column} = ?`);
      values.push(value);
    }
    return this.#read(
      `SELECT * FROM messages WHERE ${conditions.join(' AND ')} ORDER BY seq LIMIT ?`,
      ...values,
      limit,
    );
  }

  /** Those that the page should be asked about, longest overdue first. */
  dueForCheck(now: number, limit: number): readonly Message[] {
    return this.#read('SELECT * FROM messages WHERE check_at <= ? ORDER BY check_at LIMIT ?', now, limit);
  }

  /** Brings questions forward for what left since `since`: its acknowledgements may have been missed. */
  checkSoon(since: number, now: number): void {
    this.#database
      .prepare('UPDATE messages SET check_at = ? WHERE check_at > ? AND ended_at >= ?')
      .run(now, now, since);
  }

  payload(seq: number): Payload | undefined {
    const content = this.#database.prepare('SELECT content FROM messages WHERE seq = ?').get(seq)?.[
      'content'
    ];
    return typeof content === 'string' ? (JSON.parse(content) as Payload) : undefined;
  }

  needsMedia(digest: string): boolean {
    return (
      this.#database.prepare('SELECT 1 FROM messages WHERE media_digest = ? LIMIT 1').get(digest) !==
      undefined
    );
  }

  countByStatus(): ReadonlyMap<MessageStatus, number> {
    const rows = this.#database.prepare('SELECT status, count(*) AS n FROM messages GROUP BY status').all();
    return new Map(rows.map((row) => [row['status'] as MessageStatus, Number(row['n'])]));
  }

  lastHandover(): number | undefined {
    const at = this.#database.prepare('SELECT max(begun_at) AS at FROM attempts').get()?.['at'];
    return typeof at === 'number' ? at : undefined;
  }

  /** Deletes messages that ended long enough ago, at most so many; says what states they were in. */
  prune(endedBefore: number, keyedAcceptedBefore: number, limit: number): readonly MessageStatus[] {
    return this.#database
      .prepare(
        `DELETE FROM messages WHERE seq IN (
           SELECT seq FROM messages
           WHERE ended_at < ? AND (idempotency_key IS NULL OR accepted_at < ?)
           ORDER BY ended_at LIMIT ?)
         RETURNING status`,
      )
      .all(endedBefore, keyedAcceptedBefore, limit)
      .map((row) => row['status'] as MessageStatus);
  }

  #read(sql: string, ...values: (string | number)[]): readonly Message[] {
    return this.#database
      .prepare(sql)
      .all(...values)
      .map((row) => this.#toMessage(row));
  }

  #toMessage(row: Row): Message {
    const seq = Number(row['seq']);
    const code = row['outcome_code'];
    return {
      seq,
      id: String(row['id']),
      chatId: String(row['chat_id']),
      type: row['type'] as Message['type'],
      status: row['status'] as MessageStatus,
      outcome:
        typeof code === 'string'
          ? { code: code as OutcomeCode, detail: String(row['outcome_detail']) }
          : undefined,
      whatsappId: text(row['whatsapp_id']),
      ack: number(row['ack']) as Ack | undefined,
      acceptedAt: Number(row['accepted_at']),
      expiresAt: Number(row['expires_at']),
      nextAttemptAt: number(row['next_attempt_at']),
      insertedAt: number(row['inserted_at']),
      sentAt: number(row['sent_at']),
      deliveredAt: number(row['delivered_at']),
      readAt: number(row['read_at']),
      endedAt: number(row['ended_at']),
      mediaDigest: text(row['media_digest']),
      nudges: Number(row['nudges']),
      checkAt: number(row['check_at']),
      attempts: this.#database
        .prepare('SELECT * FROM attempts WHERE seq = ? ORDER BY number')
        .all(seq)
        .map(toAttempt),
    };
  }
}

const toAttempt = (row: Row): Attempt => ({
  number: Number(row['number']),
  reason: row['reason'] as AttemptReason,
  begunAt: Number(row['begun_at']),
  endedAt: number(row['ended_at']),
  outcome: text(row['outcome']) as AttemptOutcome | undefined,
  refusal: text(row['refusal']) as RefusalCode | undefined,
  detail: text(row['detail']),
});

const text = (value: SQLOutputValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

const number = (value: SQLOutputValue | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;
