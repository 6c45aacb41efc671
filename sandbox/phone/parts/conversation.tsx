import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { loadMessages } from '../feed.ts';
import { formatPlace } from '../location.ts';
import { isGroup, nameOf, ownJid } from '../names.ts';
import { notify } from '../notices.ts';
import type { Message } from '../shapes.ts';
import type { Phone, State } from '../state.ts';
import { dayOf } from '../wording.ts';
import { Avatar } from './avatar.tsx';
import { Bubble } from './bubble.tsx';
import { Composer, type Writing } from './composer.tsx';
import { Icon } from './icons.tsx';

const NEW: Writing = { kind: 'new' };

/** Whom one can play in a chat: its people first, the owner of the phone last. */
function peopleIn(phone: Phone, chat: string): readonly string[] {
  const own = ownJid(phone.number);
  if (!isGroup(chat)) return [chat, own];
  const participants = phone.groups.find(({ jid }) => jid === chat)?.participants ?? [];
  return [...participants.filter((jid) => jid !== own), own];
}

/** Stays at the end while the reader is there, and in place when older messages come on top. */
function useScrolling(messages: readonly Message[]) {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const first = messages[0]?.id;
  const before = useRef(first);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    if (atEnd.current) element.scrollTop = element.scrollHeight;
    else if (before.current !== first) element.scrollTop += element.scrollHeight - height.current;
    before.current = first;
    height.current = element.scrollHeight;
  }, [messages, first]);
  const onScroll = () => {
    const element = list.current;
    if (element === null) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
  };
  // A picture grows when it has come.
  const onLoad = () => {
    const element = list.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  };
  return { list, onScroll, onLoad };
}

function Messages({
  state,
  phone,
  chat,
  as,
  onWriting,
}: {
  readonly state: State;
  readonly phone: Phone;
  readonly chat: string;
  readonly as: string;
  readonly onWriting: (writing: Writing) => void;
}): JSX.Element {
  const open = phone.conversations[chat];
  const messages = open?.messages ?? [];
  const { list, onScroll, onLoad } = useScrolling(messages);
  const load = (before?: string) =>
    loadMessages(phone.number, chat, before).catch((error: unknown) => notify('problem', String(error)));
  const missing = open === undefined;
  useEffect(() => {
    if (missing) void load();
  }, [missing, phone.number, chat]);
  return (
    <div
      class="messages"
      ref={list}
      onScroll={onScroll}
      onLoadCapture={onLoad}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      role="log"
      aria-label="Messages"
    >
      {open !== undefined && !open.complete && (
        <button type="button" class="older" onClick={() => void load(messages[0]?.id)}>
          Older messages
        </button>
      )}
      {open?.complete === true && messages.length === 0 && (
        <p class="empty">Nothing yet. What you write here reaches the linked devices.</p>
      )}
      <ol>
        {messages.map((message, index) => {
          const previous = messages[index - 1];
          const newDay = previous === undefined || dayOf(previous.t) !== dayOf(message.t);
          return [
            newDay && (
              <li class="day" key={`day ${message.id}`}>
                <span>{dayOf(message.t)}</span>
              </li>
            ),
            <Bubble
              key={message.id}
              state={state}
              message={message}
              number={phone.number}
              as={as}
              onReply={(to) => onWriting({ kind: 'reply', to })}
              onEdit={(edited) => onWriting({ kind: 'edit', message: edited })}
            />,
          ];
        })}
      </ol>
    </div>
  );
}

/** One chat. Its key is the chat, so that nothing of one is left in another. */
export function Conversation({
  state,
  phone,
  chat,
}: {
  readonly state: State;
  readonly phone: Phone;
  readonly chat: string;
}): JSX.Element {
  const people = peopleIn(phone, chat);
  const [chosen, setAs] = useState<string>();
  const [writing, setWriting] = useState<Writing>(NEW);
  const as = people.find((jid) => jid === chosen) ?? people[0] ?? ownJid(phone.number);
  const name = nameOf(state, chat);
  const others = people.map((jid) => nameOf(state, jid)).join(', ');
  return (
    <section class="conversation" aria-label={`Chat with ${name}`}>
      <header>
        <a
          class="plain back"
          href={formatPlace({ account: phone.number, section: 'chats', chat: undefined })}
          aria-label="Back to all chats"
        >
          <Icon name="back" />
        </a>
        <Avatar jid={chat} name={name} />
        <div class="who">
          <h2>{name}</h2>
          <p>{isGroup(chat) ? others : `+${chat.split('@')[0]}`}</p>
        </div>
      </header>
      <Messages state={state} phone={phone} chat={chat} as={as} onWriting={setWriting} />
      <Composer
        state={state}
        number={phone.number}
        chat={chat}
        people={people}
        as={as}
        onAs={setAs}
        writing={writing}
        onDone={() => setWriting(NEW)}
      />
    </section>
  );
}
