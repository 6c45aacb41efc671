import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatPlace } from '../location.ts';
import { nameOf, ownJid } from '../names.ts';
import type { Phone, State } from '../state.ts';
import { Avatar } from './avatar.tsx';
import { Dialog } from './dialog.tsx';

/** Opens a chat with somebody of the address book, another account of this sandbox, or any number. */
export function NewChat({
  state,
  phone,
  onClose,
}: {
  readonly state: State;
  readonly phone: Phone;
  readonly onClose: () => void;
}): JSX.Element {
  const [number, setNumber] = useState('');
  const others = state.accounts.filter((account) => account.number !== phone.number).slice(0, 50);
  const people = [
    ...new Set([...phone.contacts.map(({ jid }) => jid), ...others.map((account) => ownJid(account.number))]),
  ];
  const placeOf = (jid: string) => formatPlace({ account: phone.number, section: 'chats', chat: jid });
  return (
    <Dialog title="New chat" onClose={onClose}>
      <ul class="people">
        {people.map((jid) => (
          <li key={jid}>
            <a href={placeOf(jid)} onClick={onClose}>
              <Avatar jid={jid} name={nameOf(state, jid)} />
              <span>
                <strong>{nameOf(state, jid)}</strong>
                <small>+{jid.split('@')[0]}</small>
              </span>
            </a>
          </li>
        ))}
      </ul>
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault();
          location.hash = placeOf(ownJid(number.replaceAll(/\D/g, '')));
          onClose();
        }}
      >
        <label>
          Another number
          <input
            inputMode="tel"
            required
            pattern="\+?[1-9][\d \-]{6,18}"
            title="7 to 15 digits with the country's code"
            placeholder="49 151 23456789"
            value={number}
            onInput={({ currentTarget }) => setNumber(currentTarget.value)}
          />
        </label>
        <button type="submit">Open chat</button>
      </form>
    </Dialog>
  );
}
