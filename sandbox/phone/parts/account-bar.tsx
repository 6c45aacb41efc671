import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatPlace } from '../location.ts';
import { ownJid } from '../names.ts';
import type { State } from '../state.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { NewAccount } from './new-account.tsx';

const LINE_WORDS = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'The sandbox does not answer; trying again…',
} as const;

/** Whose phone this is, and whether what is shown is what is. */
export function AccountBar({
  state,
  number,
}: {
  readonly state: State;
  readonly number: string | undefined;
}): JSX.Element {
  const [making, setMaking] = useState(false);
  const account = state.accounts.find((one) => one.number === number);
  return (
    <div class="account-bar">
      {account !== undefined && <Avatar jid={ownJid(account.number)} name={account.name} />}
      <label>
        <span class="visually-hidden">Phone of the account</span>
        <select
          value={number ?? ''}
          onChange={({ currentTarget }) => {
            location.hash = formatPlace({ account: currentTarget.value, section: 'chats', chat: undefined });
          }}
        >
          {account === undefined && <option value={number ?? ''}>No account</option>}
          {state.accounts.map((one) => (
            <option key={one.number} value={one.number}>
              {one.name.includes(one.number) ? `+${one.number}` : `${one.name} (+${one.number})`}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="plain"
        aria-label="New account"
        title="New account"
        onClick={() => setMaking(true)}
      >
        <Icon name="plus" />
      </button>
      <p class="line-state" data-line={state.line} role="status">
        {LINE_WORDS[state.line]}
      </p>
      {making && <NewAccount onClose={() => setMaking(false)} />}
    </div>
  );
}
