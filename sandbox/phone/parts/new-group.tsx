import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatPlace } from '../location.ts';
import { ownJid } from '../names.ts';
import { attempt } from '../sandbox.ts';
import type { Phone } from '../state.ts';
import { Dialog } from './dialog.tsx';

const numbersIn = (text: string): readonly string[] =>
  text
    .split(/[,;\n]/)
    .map((part) => part.replaceAll(/\D/g, ''))
    .filter((digits) => digits !== '');

/** The account makes a group on its phone. */
export function NewGroup({
  phone,
  onClose,
}: {
  readonly phone: Phone;
  readonly onClose: () => void;
}): JSX.Element {
  const [subject, setSubject] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    new Set(phone.contacts.slice(0, 2).map(({ jid }) => jid)),
  );
  const [more, setMore] = useState('');
  const participants = [...chosen, ...numbersIn(more).map(ownJid)];
  const toggle = (jid: string) => {
    const next = new Set(chosen);
    if (!next.delete(jid)) next.add(jid);
    setChosen(next);
  };
  const make = async () => {
    const body = { subject: subject.trim(), participants };
    const group = await attempt('createGroup', { params: { number: phone.number }, body });
    if (group === undefined) return;
    location.hash = formatPlace({ account: phone.number, section: 'chats', chat: group.jid });
    onClose();
  };
  return (
    <Dialog title="New group" onClose={onClose}>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <label>
          Subject
          <input
            required
            maxLength={100}
            value={subject}
            onInput={({ currentTarget }) => setSubject(currentTarget.value)}
          />
        </label>
        <fieldset>
          <legend>Members, besides this account</legend>
          {phone.contacts.map(({ jid, name }) => (
            <label key={jid} class="check">
              <input type="checkbox" checked={chosen.has(jid)} onChange={() => toggle(jid)} />
              {name}
            </label>
          ))}
        </fieldset>
        <label>
          Further numbers
          <input
            inputMode="tel"
            placeholder="separated by commas"
            value={more}
            onInput={({ currentTarget }) => setMore(currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={subject.trim() === '' || participants.length === 0}>
          Create group
        </button>
      </form>
    </Dialog>
  );
}
