import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatPlace } from '../location.ts';
import { nameOf } from '../names.ts';
import type { Chat } from '../shapes.ts';
import type { Phone, State } from '../state.ts';
import { summaryOf, timeOf } from '../wording.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { NewChat } from './new-chat.tsx';
import { NewGroup } from './new-group.tsx';
import { Ticks } from './ticks.tsx';

/** The chats with messages, and groups that have none yet. */
function chatsOf(phone: Phone): readonly Chat[] {
  const silent = phone.groups.filter(({ jid }) => !phone.chats.some((chat) => chat.jid === jid));
  return [
    ...phone.chats,
    ...silent.map(({ jid, subject, created }) => ({ jid, name: subject, t: created, unread: 0, last: null })),
  ].toSorted((one, other) => other.t - one.t);
}

function Row({
  state,
  phone,
  chat,
  open,
}: {
  readonly state: State;
  readonly phone: Phone;
  readonly chat: Chat;
  readonly open: boolean;
}): JSX.Element {
  const name = nameOf(state, chat.jid);
  const { last } = chat;
  return (
    <li>
      <a
        class="chat"
        href={formatPlace({ account: phone.number, section: 'chats', chat: chat.jid })}
        aria-current={open ? 'page' : undefined}
      >
        <Avatar jid={chat.jid} name={name} />
        <span class="lines">
          <span class="name">{name}</span>
          <span class="last">
            {last?.fromMe === true && <Ticks ack={last.ack} />}
            <span>{last === null ? 'No messages yet' : summaryOf(last)}</span>
          </span>
        </span>
        <span class="side">
          <time dateTime={new Date(chat.t * 1000).toISOString()}>{timeOf(chat.t)}</time>
          {chat.unread > 0 && (
            <span class="badge" title="Not seen by a linked device">
              {chat.unread}
              <span class="visually-hidden"> not seen by a linked device</span>
            </span>
          )}
        </span>
      </a>
    </li>
  );
}

/** The list of chats, and the ways to begin one. */
export function ChatList({
  state,
  phone,
  chat,
}: {
  readonly state: State;
  readonly phone: Phone;
  readonly chat: string | undefined;
}): JSX.Element {
  const [dialog, setDialog] = useState<'chat' | 'group'>();
  const chats = chatsOf(phone);
  return (
    <section class="chat-list" aria-label="Chats">
      <header>
        <h2>Chats</h2>
        <button
          type="button"
          class="plain"
          aria-label="New chat"
          title="New chat"
          onClick={() => setDialog('chat')}
        >
          <Icon name="plus" />
        </button>
        <button
          type="button"
          class="plain"
          aria-label="New group"
          title="New group"
          onClick={() => setDialog('group')}
        >
          <Icon name="group" />
        </button>
      </header>
      {chats.length === 0 && (
        <p class="empty">
          No chats yet. Write one as somebody who knows this number, or wait for what a linked device sends.
        </p>
      )}
      <ul>
        {chats.map((one) => (
          <Row key={one.jid} state={state} phone={phone} chat={one} open={one.jid === chat} />
        ))}
      </ul>
      {dialog === 'chat' && <NewChat state={state} phone={phone} onClose={() => setDialog(undefined)} />}
      {dialog === 'group' && <NewGroup phone={phone} onClose={() => setDialog(undefined)} />}
    </section>
  );
}
