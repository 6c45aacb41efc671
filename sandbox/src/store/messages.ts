import type { DatabaseSync } from 'node:sqlite';
import { SandboxError } from '../errors.ts';
import { type OnMark, unwatched } from '../live/mark.ts';
import type { Ack, Jid, WireChat, WireGroup, WireMessage } from '../wire.ts';
import { digitsOf, isGroup } from '../world/ids.ts';
import { prepared } from './database.ts';

type Row = Record<string, unknown>;

const toMessage = (row: Row): WireMessage => ({
  ...(JSON.parse(String(row['body'])) as WireMessage),
  ack: Number(row['ack']) as Ack,
});

const toGroup = (row: Row): WireGroup => ({
  jid: String(row['jid']),
  subject: String(row['subject']),
  owner: String(row['owner']),
  created: Number(row['created']),
  participants: JSON.parse(String(row['participants'])) as readonly Jid[],
});

/** The chats of every account, with all their messages, and the groups. */
export class MessageStore {
  readonly #database: DatabaseSync;
  readonly #onMark: OnMark;

  constructor(database: DatabaseSync, onMark: OnMark = unwatched) {
    this.#database = database;
    this.#onMark = onMark;
  }

  find(account: string, chat: Jid, id: string): WireMessage | undefined {
    const row = prepared(
      this.#database,
      'SELECT ack, body FROM messages WHERE account = ? AND chat = ? AND id = ?',
    ).get(account, chat, id);
    return row === undefined ? undefined : toMessage(row);
  }

  /** Like `find`; throws MESSAGE_UNKNOWN. */
  get(account: string, chat: Jid, id: string): WireMessage {
    const message = this.find(account, chat, id);
    if (message === undefined) {
      throw new SandboxError('MESSAGE_UNKNOWN', `account ${account} has no message ${id} in ${chat}`);
    }
    return message;
  }

  /** Adds a message, and its chat where that is new. `awaitingAcks` says that acks are still to come. */
  add(account: string, message: WireMessage, awaitingAcks: boolean): void {
    prepared(
      this.#database,
      'INSERT INTO messages (account, chat, id, t, ack, awaiting_acks, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(
      account,
      message.chat,
      message.id,
      message.t,
      message.ack,
      Number(awaitingAcks),
      JSON.stringify(message),
    );
    prepared(
      this.#database,
      `INSERT INTO chats VALUES (?, ?, ?, ?) ON CONFLICT (account, jid)
         DO UPDATE SET t = excluded.t, unread = unread + excluded.unread`,
    ).run(account, message.chat, message.t, message.fromMe ? 0 : 1);
    this.#onMark({ kind: 'message', account, chat: message.chat, id: message.id });
    this.#onMark({ kind: 'chat', account, jid: message.chat });
  }

  /** Replaces what a message says, after an edit or the like. Its ack stays. */
  replace(account: string, message: WireMessage): void {
    prepared(this.#database, 'UPDATE messages SET body = ? WHERE account = ? AND chat = ? AND id = ?').run(
      JSON.stringify(message),
      account,
      message.chat,
      message.id,
    );
    this.#onMark({ kind: 'message', account, chat: message.chat, id: message.id });
  }

  /** Raises a message's ack; never lowers it. Says whether it rose. */
  raiseAck(account: string, chat: Jid, id: string, ack: Ack, last: boolean): boolean {
    const { changes } = prepared(
      this.#database,
      `UPDATE messages SET ack = ?, awaiting_acks = awaiting_acks AND NOT ?
         WHERE account = ? AND chat = ? AND id = ? AND ack < ?`,
    ).run(ack, Number(last), account, chat, id, ack);
    if (changes > 0) this.#onMark({ kind: 'message', account, chat, id });
    return changes > 0;
  }

  /** Messages of devices that still wait for acks, oldest first: what a restarted sandbox takes up again. */
  awaitingAcks(): readonly { readonly account: string; readonly message: WireMessage }[] {
    return prepared(
      this.#database,
      'SELECT account, ack, body FROM messages WHERE awaiting_acks = 1 ORDER BY seq',
    )
      .all()
      .map((row) => ({ account: String(row['account']), message: toMessage(row) }));
  }

  /** The latest `limit` messages of a chat before the message `before` (null: the end), oldest first. */
  page(account: string, chat: Jid, before: string | null, limit: number): readonly WireMessage[] {
    return prepared(
      this.#database,
      `SELECT ack, body FROM messages WHERE account = ? AND chat = ? AND seq < COALESCE(
           (SELECT seq FROM messages WHERE account = ? AND chat = ? AND id = ?), 9223372036854775807)
         ORDER BY seq DESC LIMIT ?`,
    )
      .all(account, chat, account, chat, before, limit)
      .map(toMessage)
      .reverse();
  }

  chats(account: string, nameOf: (jid: Jid) => string): readonly WireChat[] {
    return prepared(this.#database, 'SELECT jid, t, unread FROM chats WHERE account = ? ORDER BY t DESC, jid')
      .all(account)
      .map((row) => this.#toChat(row, nameOf));
  }

  /** One chat; undefined when the account has no message in it. */
  chat(account: string, jid: Jid, nameOf: (jid: Jid) => string): WireChat | undefined {
    const row = prepared(
      this.#database,
      'SELECT jid, t, unread FROM chats WHERE account = ? AND jid = ?',
    ).get(account, jid);
    return row === undefined ? undefined : this.#toChat(row, nameOf);
  }

  markSeen(account: string, chat: Jid): void {
    prepared(this.#database, 'UPDATE chats SET unread = 0 WHERE account = ? AND jid = ?').run(account, chat);
    this.#onMark({ kind: 'chat', account, jid: chat });
  }

  addGroup(group: WireGroup): void {
    prepared(this.#database, 'INSERT INTO groups VALUES (?, ?, ?, ?, ?)').run(
      group.jid,
      group.subject,
      group.owner,
      group.created,
      JSON.stringify(group.participants),
    );
    this.#onMark({ kind: 'group', jid: group.jid });
  }

  findGroup(jid: Jid): WireGroup | undefined {
    const row = prepared(this.#database, 'SELECT * FROM groups WHERE jid = ?').get(jid);
    return row === undefined ? undefined : toGroup(row);
  }

  /** The groups that a person is in. */
  groupsOf(member: Jid): readonly WireGroup[] {
    return prepared(
      this.#database,
      `SELECT * FROM groups WHERE EXISTS (SELECT 1 FROM json_each(participants) WHERE value = ?) ORDER BY jid`,
    )
      .all(member)
      .map(toGroup);
  }

  #toChat(row: Row, nameOf: (jid: Jid) => string): WireChat {
    const jid = String(row['jid']);
    const name = isGroup(jid) ? (this.findGroup(jid)?.subject ?? digitsOf(jid)) : nameOf(jid);
    return { jid, name, t: Number(row['t']), unread: Number(row['unread']) };
  }
}
