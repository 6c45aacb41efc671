import type { JSX } from 'preact';
import type { Message } from '../shapes.ts';
import type { State } from '../state.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { Media } from './media.tsx';
import { Poll } from './poll.tsx';
import { RichText } from './rich-text.tsx';

/** What a message holds. */
export function Content({
  state,
  message,
  number,
  as,
}: {
  readonly state: State;
  readonly message: Message;
  readonly number: string;
  readonly as: string;
}): JSX.Element {
  const { content } = message;
  if (message.revoked === true) return <p class="text deleted">This message was deleted</p>;
  switch (content.kind) {
    case 'text':
      return <RichText text={content.body} />;
    case 'media':
      return (
        <>
          <Media media={content.media} />
          {content.media.caption !== undefined && <RichText text={content.media.caption} />}
        </>
      );
    case 'location':
      return (
        <p class="card">
          <Icon name="pin" />
          <span>
            <strong>{content.description ?? 'Location'}</strong>
            <small>
              {content.latitude.toFixed(5)}, {content.longitude.toFixed(5)}
            </small>
          </span>
        </p>
      );
    case 'contacts':
      return (
        <ul class="cards">
          {content.cards.map(({ name, vcard }) => (
            <li key={vcard} class="card">
              <Avatar jid={name} name={name} />
              <strong>{name}</strong>
            </li>
          ))}
        </ul>
      );
    case 'poll':
      return <Poll state={state} message={message} number={number} as={as} />;
  }
}
