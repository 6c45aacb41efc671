import { SandboxError } from '../errors.ts';
import type { Answers, Query } from '../wire.ts';
import { isRegistered, lidOf, phoneOf, userJid } from '../world/ids.ts';
import type { Connection, ConnectionHost } from './connection.ts';

/** Answers one question of a page, or carries out one request. Throws a coded error when it cannot. */
export function answerQuery(
  connection: Connection,
  host: ConnectionHost,
  query: Query,
): Answers[Query['kind']] {
  if (query.kind === 'request-code') return { code: host.issueCode(connection, query.phone) };
  const { state } = connection;
  if (state.kind !== 'linked') throw new SandboxError('NOT_LINKED', `"${query.kind}" needs a linked device`);
  const { account, device } = state;
  const { world } = host;
  const target = (chat: string, id: string) => ({ account, chat, id, by: userJid(account), device });
  switch (query.kind) {
    case 'exists': {
      const jid = query.jid.endsWith('@lid') ? phoneOf(query.jid) : query.jid;
      return isRegistered(jid) ? { jid, lid: lidOf(jid) } : null;
    }
    case 'history':
      return { messages: world.messages.page(account, query.chat, query.before, query.limit) };
    case 'create-group':
      return world.people.createGroup(userJid(account), query.subject, query.participants, device);
    case 'seen':
      world.messages.markSeen(account, query.chat);
      return null;
    case 'edit':
      return world.changes.edit(target(query.chat, query.id), query.body);
    case 'revoke':
      world.changes.revoke(target(query.chat, query.id));
      return null;
    case 'react':
      return world.changes.react(target(query.chat, query.id), query.emoji);
    case 'vote':
      return world.changes.vote(target(query.chat, query.id), query.options);
    case 'logout':
      world.accounts.unlink(device, world.now());
      return null;
  }
}
