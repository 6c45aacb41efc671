import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { nameOf } from '../names.ts';
import type { LedgerEntry } from '../shapes.ts';
import { LEDGER_SHOWN, type Phone, type State } from '../state.ts';
import { clockOf } from '../wording.ts';
import { Audit } from './audit.tsx';

function Entry({ state, entry }: { readonly state: State; readonly entry: LedgerEntry }): JSX.Element {
  return (
    <tr>
      <td>
        <time dateTime={new Date(entry.at).toISOString()}>{clockOf(entry.at)}</time>
      </td>
      <td>
        <span class="kind" data-kind={entry.kind}>
          {entry.kind}
        </span>
      </td>
      <td>
        <span class="detail">{entry.detail ?? ''}</span>
        <small>
          {nameOf(state, entry.chat)} · <code title={entry.id}>{entry.id.slice(-8)}</code>
        </small>
      </td>
    </tr>
  );
}

/** What really happened, newest first, and what it adds up to. */
export function Ledger({
  state,
  phone,
  chat,
}: {
  readonly state: State;
  readonly phone: Phone;
  readonly chat: string | undefined;
}): JSX.Element {
  const [onlyChat, setOnlyChat] = useState(false);
  const shown = phone.ledger.filter((entry) => !onlyChat || chat === undefined || entry.chat === chat);
  const file = `/ledger.ndjson?account=${phone.number}`;
  return (
    <>
      <h3>Audit</h3>
      <Audit audit={phone.audit} />
      <h3>Ledger</h3>
      <div class="tools">
        {chat !== undefined && (
          <label class="check">
            <input
              type="checkbox"
              checked={onlyChat}
              onChange={({ currentTarget }) => setOnlyChat(currentTarget.checked)}
            />
            Only the open chat
          </label>
        )}
        <a href={file} download={`ledger-${phone.number}.ndjson`}>
          Export
        </a>
      </div>
      {shown.length === 0 && <p class="empty">Nothing has happened yet.</p>}
      {shown.length > 0 && (
        <table class="ledger">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Event</th>
              <th scope="col">Message</th>
            </tr>
          </thead>
          <tbody>
            {shown.toReversed().map((entry) => (
              <Entry key={entry.seq} state={state} entry={entry} />
            ))}
          </tbody>
        </table>
      )}
      {phone.ledger.length >= LEDGER_SHOWN && (
        <p class="hint">The latest {LEDGER_SHOWN} are shown; the export has all.</p>
      )}
    </>
  );
}
