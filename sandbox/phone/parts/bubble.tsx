import type { JSX } from 'preact';
import { useCallback, useRef, useState } from 'preact/hooks';
import { hueOf, isGroup, nameOf } from '../names.ts';
import type { Message } from '../shapes.ts';
import type { State } from '../state.ts';
import { momentOf, summaryOf, timeOf } from '../wording.ts';
import { Content } from './content.tsx';
import { Icon } from './icons.tsx';
import { MessageMenu } from './message-menu.tsx';
import { Ticks } from './ticks.tsx';

/** The element of a message, by which a reply finds what it answers. */
export const elementId = (id: string): string => `message-${id}`;

function showQuoted(id: string): void {
  const element = document.getElementById(elementId(id));
  element?.scrollIntoView({ block: 'center' });
  element?.focus();
}

function Reactions({
  state,
  message,
}: {
  readonly state: State;
  readonly message: Message;
}): JSX.Element | null {
  const { reactions = [] } = message;
  if (reactions.length === 0) return null;
  const groups = Map.groupBy(reactions, ({ emoji }) => emoji);
  return (
    <ul class="given" aria-label="Reactions">
      {[...groups].map(([emoji, given]) => {
        const who = given.map(({ sender }) => nameOf(state, sender)).join(', ');
        return (
          <li key={emoji} title={who}>
            {emoji}
            {given.length > 1 && <span class="count">{given.length}</span>}
            <span class="visually-hidden"> from {who}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** One message of a chat: whose, what, when, how far it came. */
export function Bubble({
  state,
  message,
  number,
  as,
  onReply,
  onEdit,
}: {
  readonly state: State;
  readonly message: Message;
  readonly number: string;
  /** The person one plays. */
  readonly as: string;
  readonly onReply: (message: Message) => void;
  readonly onEdit: (message: Message) => void;
}): JSX.Element {
  const [menu, setMenu] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => {
    setMenu(false);
    opener.current?.focus({ preventScroll: true });
  }, []);
  const { quote, fromMe, author, chat } = message;
  return (
    <li class="message" data-mine={fromMe} id={elementId(message.id)} tabIndex={-1}>
      <div class="bubble">
        {isGroup(chat) && !fromMe && (
          <p class="author" data-hue={Math.floor(hueOf(author) / 45)}>
            {nameOf(state, author)}
          </p>
        )}
        {message.forwarded === true && <p class="note">Forwarded</p>}
        {quote !== undefined && (
          <button type="button" class="quote" onClick={() => showQuoted(quote.id)}>
            <strong>{nameOf(state, quote.author)}</strong>
            <span>{summaryOf(quote)}</span>
          </button>
        )}
        <Content state={state} message={message} number={number} as={as} />
        <p class="meta">
          {message.editedAt !== undefined && message.revoked !== true && (
            <span title={momentOf(message.editedAt)}>edited</span>
          )}
          <time dateTime={new Date(message.t * 1000).toISOString()}>{timeOf(message.t)}</time>
          {fromMe && <Ticks ack={message.ack} />}
        </p>
        <Reactions state={state} message={message} />
      </div>
      {message.revoked !== true && (
        <div class="actions">
          <button
            type="button"
            class="plain"
            ref={opener}
            aria-label={`Actions for: ${summaryOf(message).slice(0, 60)}`}
            aria-expanded={menu}
            onClick={() => setMenu(!menu)}
          >
            <Icon name="more" />
          </button>
          {menu && (
            <MessageMenu
              message={message}
              number={number}
              as={as}
              onReply={() => onReply(message)}
              onEdit={() => onEdit(message)}
              onClose={close}
            />
          )}
        </div>
      )}
    </li>
  );
}
