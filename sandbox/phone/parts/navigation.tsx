import type { JSX } from 'preact';
import { formatPlace, PANELS, type Place } from '../location.ts';
import type { State } from '../state.ts';
import { Icon } from './icons.tsx';
import { PANEL_TITLES } from './panel.tsx';

/** The sections. On a wide screen the chats are always there, and these choose the panel beside them. */
export function Navigation({
  state,
  place,
  panel,
}: {
  readonly state: State;
  readonly place: Place;
  readonly panel: (typeof PANELS)[number];
}): JSX.Element {
  const faults = state.faults.filter(({ account }) => account === null || account === place.account);
  const counts = { devices: state.links.length, faults: faults.length, ledger: 0 };
  const words = { devices: 'waiting to be linked', faults: 'in force', ledger: '' };
  return (
    <nav class="sections" aria-label="Sections">
      <a
        class="to-chats"
        href={formatPlace({ account: place.account, section: 'chats', chat: undefined })}
        aria-current={place.section === 'chats' ? 'page' : undefined}
      >
        <Icon name="chats" />
        <span>Chats</span>
      </a>
      {PANELS.map((name) => (
        <a
          key={name}
          href={formatPlace({ account: place.account, section: name, chat: undefined })}
          aria-current={place.section === name ? 'page' : undefined}
          data-beside={panel === name}
        >
          <Icon name={name} />
          <span>{PANEL_TITLES[name]}</span>
          {counts[name] > 0 && (
            <span class="badge">
              {counts[name]}
              <span class="visually-hidden"> {words[name]}</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
