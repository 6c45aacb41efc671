import type { JSX } from 'preact';
import type { Panel as PanelName } from '../location.ts';
import type { Account } from '../shapes.ts';
import type { Phone, State } from '../state.ts';
import { Devices } from './devices.tsx';
import { Faults } from './faults.tsx';
import { Ledger } from './ledger.tsx';

export const PANEL_TITLES = { devices: 'Devices', faults: 'Faults', ledger: 'Ledger' } as const;

/** One of the panels beside the chats. */
export function Panel({
  state,
  account,
  phone,
  panel,
  chat,
}: {
  readonly state: State;
  readonly account: Account;
  readonly phone: Phone;
  readonly panel: PanelName;
  readonly chat: string | undefined;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section class="panel" aria-label={PANEL_TITLES[panel]} tabIndex={0}>
      <h2>{PANEL_TITLES[panel]}</h2>
      {panel === 'devices' && <Devices state={state} account={account} />}
      {panel === 'faults' && <Faults faults={state.faults} number={account.number} />}
      {panel === 'ledger' && <Ledger state={state} phone={phone} chat={chat} />}
    </section>
  );
}
