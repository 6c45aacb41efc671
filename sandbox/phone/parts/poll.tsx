import type { JSX } from 'preact';
import { nameOf } from '../names.ts';
import { attempt } from '../sandbox.ts';
import type { Message } from '../shapes.ts';
import type { State } from '../state.ts';

/** The options after a person chose one: with one choice allowed it takes the place of the other. */
export function chosenAfter(
  chosen: readonly number[],
  option: number,
  selectable: number,
): readonly number[] {
  if (chosen.includes(option)) return chosen.filter((one) => one !== option);
  return selectable === 1 ? [option] : [...chosen, option];
}

/** A poll with its votes, in which the person one plays can vote. */
export function Poll({
  state,
  message,
  number,
  as,
}: {
  readonly state: State;
  readonly message: Message;
  readonly number: string;
  readonly as: string;
}): JSX.Element | null {
  const { content, votes = [] } = message;
  if (content.kind !== 'poll') return null;
  const mine = votes.find(({ sender }) => sender === as)?.options ?? [];
  const most = Math.max(1, ...content.options.map((_, option) => votesFor(option).length));
  function votesFor(option: number) {
    return votes.filter(({ options }) => options.includes(option));
  }
  const vote = (option: number) =>
    attempt('vote', {
      params: { number, chat: message.chat, id: message.id },
      body: { options: [...chosenAfter(mine, option, content.selectable)], by: as },
    });
  return (
    <fieldset class="poll">
      <legend>{content.name}</legend>
      {content.options.map((label, option) => (
        <button
          type="button"
          key={option}
          aria-pressed={mine.includes(option)}
          onClick={() => void vote(option)}
        >
          <span>{label}</span>
          <span
            class="votes"
            title={votesFor(option)
              .map(({ sender }) => nameOf(state, sender))
              .join(', ')}
          >
            {votesFor(option).length}
            <span class="visually-hidden"> votes</span>
          </span>
          <meter min={0} max={most} value={votesFor(option).length} aria-hidden="true" />
        </button>
      ))}
    </fieldset>
  );
}
