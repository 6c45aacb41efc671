import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { attempt } from '../sandbox.ts';
import type { Message } from '../shapes.ts';

const REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

const canBeReworded = ({ content }: Message): boolean => content.kind === 'text' || content.kind === 'media';

/** Over which of its sides a menu has to be turned to stay within the messages; at the first measure it is not. */
function flipOf(menu: HTMLElement | null): string {
  const room = menu?.closest('.messages')?.getBoundingClientRect();
  if (menu === null || room === undefined) return '';
  const { left, right, bottom } = menu.getBoundingClientRect();
  return [left < room.left || right > room.right ? 'across' : '', bottom > room.bottom ? 'up' : '']
    .join(' ')
    .trim();
}

/** What can be done with a message: reactions in the name of the person one plays; the rest in its author's. */
export function MessageMenu({
  message,
  number,
  as,
  onReply,
  onEdit,
  onClose,
}: {
  readonly message: Message;
  readonly number: string;
  readonly as: string;
  readonly onReply: () => void;
  readonly onEdit: () => void;
  readonly onClose: () => void;
}): JSX.Element {
  const menu = useRef<HTMLDivElement>(null);
  const [flip, setFlip] = useState('');
  const params = { number, chat: message.chat, id: message.id };
  const mine = message.reactions?.find(({ sender }) => sender === as)?.emoji;
  const closing = (act: () => unknown) => () => {
    act();
    onClose();
  };
  useLayoutEffect(() => setFlip(flipOf(menu.current)), []);
  useEffect(() => {
    menu.current?.querySelector('button')?.focus();
    const outside = ({ target }: Event) => {
      if (!(target instanceof Node) || !menu.current?.parentElement?.contains(target)) onClose();
    };
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') onClose();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('keydown', onKey);
    };
  }, [onClose]);
  return (
    <div class="menu" ref={menu} data-flip={flip}>
      <fieldset class="reactions">
        <legend class="visually-hidden">React</legend>
        {REACTIONS.map((emoji) => (
          <button
            type="button"
            key={emoji}
            aria-label={`React with ${emoji}`}
            aria-pressed={mine === emoji}
            onClick={closing(() =>
              attempt('react', { params, body: { emoji: mine === emoji ? '' : emoji, by: as } }),
            )}
          >
            {emoji}
          </button>
        ))}
      </fieldset>
      <button type="button" onClick={closing(onReply)}>
        Reply
      </button>
      {canBeReworded(message) && (
        <button type="button" onClick={closing(onEdit)}>
          Edit, as its author
        </button>
      )}
      <button
        type="button"
        class="danger"
        onClick={closing(() => attempt('revoke', { params, body: { by: message.author } }))}
      >
        Delete for everyone
      </button>
    </div>
  );
}
