import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatPlace } from '../location.ts';
import { attempt } from '../sandbox.ts';
import { Dialog } from './dialog.tsx';

/** Makes an account: a number with a phone. */
export function NewAccount({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const [number, setNumber] = useState('');
  const [name, setName] = useState('');
  const [autoLink, setAutoLink] = useState(false);
  const make = async () => {
    const digits = number.replaceAll(/\D/g, '');
    const named = name.trim() === '' ? {} : { name: name.trim() };
    const account = await attempt('createAccount', { body: { number: digits, autoLink, ...named } });
    if (account === undefined) return;
    location.hash = formatPlace({ account: account.number, section: 'chats', chat: undefined });
    onClose();
  };
  return (
    <Dialog title="New account" onClose={onClose}>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <label>
          Phone number
          <input
            inputMode="tel"
            required
            pattern="\+?[1-9][\d \-]{6,18}"
            title="7 to 15 digits with the country's code"
            placeholder="49 151 10000009"
            value={number}
            onInput={({ currentTarget }) => setNumber(currentTarget.value)}
          />
        </label>
        <label>
          Name
          <input
            maxLength={60}
            placeholder="invented"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={autoLink}
            onChange={({ currentTarget }) => setAutoLink(currentTarget.checked)}
          />
          Enters pairing codes by itself
        </label>
        <button type="submit">Create account</button>
      </form>
    </Dialog>
  );
}
