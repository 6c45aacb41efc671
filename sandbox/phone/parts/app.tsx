import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { follow } from '../feed.ts';
import { formatPlace, type Panel as PanelName, parsePlace } from '../location.ts';
import { nameOf } from '../names.ts';
import type { State } from '../state.ts';
import { useStore } from '../store.ts';
import { AccountBar } from './account-bar.tsx';
import { ChatList } from './chat-list.tsx';
import { Conversation } from './conversation.tsx';
import { Icon } from './icons.tsx';
import { Navigation } from './navigation.tsx';
import { Notices } from './notices.tsx';
import { Panel } from './panel.tsx';

/** Where the address bar says that the person is; the chat and the panel seen last stay open beside each other. */
function usePlace() {
  const [place, setPlace] = useState(() => parsePlace(location.hash));
  const [panel, setPanel] = useState<PanelName>('devices');
  const [chat, setChat] = useState<string>();
  useEffect(() => {
    const listener = () => setPlace(parsePlace(location.hash));
    addEventListener('hashchange', listener);
    return () => removeEventListener('hashchange', listener);
  }, []);
  useEffect(() => {
    if (place.section === 'chats') setChat(place.chat);
    else setPanel(place.section);
  }, [place]);
  useEffect(() => setChat(parsePlace(location.hash).chat), [place.account]);
  return { place, panel, chat: place.section === 'chats' ? place.chat : chat };
}

function Middle({
  state,
  chat,
  number,
}: {
  readonly state: State;
  readonly chat: string | undefined;
  readonly number: string | undefined;
}): JSX.Element {
  if (state.phone !== undefined && chat !== undefined) {
    return (
      <Conversation key={`${state.phone.number} ${chat}`} state={state} phone={state.phone} chat={chat} />
    );
  }
  return (
    <section class="nothing-open" aria-label="No chat is open">
      <Icon name="phone" />
      <p>
        {state.line !== 'connecting' && state.phone === undefined && number !== undefined
          ? `This sandbox has no account +${number}.`
          : 'Choose a chat, or begin one.'}
      </p>
    </section>
  );
}

/** The phone. */
export function App(): JSX.Element {
  const state = useStore();
  const { place, panel, chat } = usePlace();
  const number = place.account ?? state.accounts[0]?.number;
  const account = state.accounts.find((one) => one.number === number);
  const phone = state.phone?.number === number ? state.phone : undefined;
  useEffect(() => follow(number), [number]);
  useEffect(() => {
    if (place.account === undefined && number !== undefined) {
      history.replaceState(null, '', formatPlace({ ...place, account: number }));
    }
  }, [place, number]);
  const unread = phone?.chats.reduce((sum, one) => sum + one.unread, 0) ?? 0;
  useEffect(() => {
    const where = chat === undefined ? '' : `${nameOf(state, chat)} · `;
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${where}Sandbox phone (simulation)`;
  }, [state, chat, unread]);
  const here = { ...place, account: number };
  return (
    <div
      class="app"
      data-section={place.section}
      data-chat={place.section === 'chats' && place.chat !== undefined}
    >
      <p class="simulation">
        <strong>Simulation</strong> <span>Nothing here reaches WhatsApp.</span>
      </p>
      <header class="top">
        <h1>Sandbox phone</h1>
        <AccountBar state={state} number={number} />
      </header>
      <Navigation state={state} place={here} panel={panel} />
      <main>
        {phone === undefined ? (
          <section class="chat-list" aria-label="Chats" />
        ) : (
          <ChatList state={state} phone={phone} chat={chat} />
        )}
        <Middle
          state={phone === undefined ? { ...state, phone: undefined } : state}
          chat={chat}
          number={number}
        />
        {phone !== undefined && account !== undefined && (
          <Panel key={panel} state={state} account={account} phone={phone} panel={panel} chat={chat} />
        )}
      </main>
      <Notices />
    </div>
  );
}
