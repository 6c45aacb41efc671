import { type LiveEvent, liveEventSchema } from '../src/control/live-event.ts';
import { sandbox } from './sandbox.ts';
import type { Phone } from './state.ts';
import { LEDGER_SHOWN } from './state.ts';
import { store } from './store.ts';

/** How many messages are loaded at a time. */
const PAGE = 50;
/** The audit reads the whole ledger, so it follows changes at this distance, in milliseconds. */
const AUDIT_AFTER_MS = 400;
/** When to try again after something else than a feed answered, in milliseconds. */
const REFUSED_AGAIN_MS = 2_000;

/**
 * Follows the sandbox: with each connection everything is read anew behind the feed's hello, and what the feed
 * tells meanwhile waits until it has been read. EventSource connects again by itself.
 *
 * @param number the account whose phone is shown
 * @returns how to stop
 */
export function follow(number: string | undefined): () => void {
  const audit = auditor(number);
  let waiting: LiveEvent[] | undefined;
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;

  const apply = (event: LiveEvent) => {
    store.dispatch({ kind: 'event', event });
    if (event.kind === 'ledger') audit.soon();
    // Its phone was looked for in vain before.
    if (event.kind === 'account' && event.account.number === number && store.state.phone === undefined)
      void begin();
  };
  const begin = async () => {
    const mine: LiveEvent[] = [];
    waiting = mine;
    try {
      await load(number);
    } catch {
      // The feed breaks too when the sandbox is gone; with the next hello it begins again.
    }
    if (waiting !== mine) return;
    waiting = undefined;
    for (const event of mine) apply(event);
    audit.soon();
  };
  const hear = (event: LiveEvent) => {
    if (event.kind === 'hello') {
      apply(event);
      void begin();
    } else if (waiting === undefined) apply(event);
    else waiting.push(event);
  };
  const connect = () => {
    source = new EventSource(`/events${number === undefined ? '' : `?account=${number}`}`);
    source.onmessage = ({ data }) => hear(liveEventSchema.parse(JSON.parse(String(data))));
    source.onerror = () => {
      store.dispatch({ kind: 'line', line: 'lost' });
      // It comes back by itself from a broken line, and never from an answer that is no feed.
      if (source?.readyState === EventSource.CLOSED) again = setTimeout(connect, REFUSED_AGAIN_MS);
    };
  };

  connect();
  return () => {
    clearTimeout(again);
    source?.close();
    waiting = undefined;
    audit.stop();
  };
}

async function load(number: string | undefined): Promise<void> {
  const [accounts, links, faults] = await Promise.all([
    sandbox.call('listAccounts', {}),
    sandbox.call('pendingLinks', {}),
    sandbox.call('listFaults', {}),
  ]);
  const known = accounts.some((account) => account.number === number);
  const phone = number === undefined || !known ? undefined : await loadPhone(number);
  store.dispatch({ kind: 'loaded', accounts, links, faults, phone });
}

async function loadPhone(number: string): Promise<Omit<Phone, 'audit' | 'conversations'>> {
  const params = { number };
  const [chats, contacts, groups, ledger] = await Promise.all([
    sandbox.call('listChats', { params }),
    sandbox.call('listContacts', { params }),
    sandbox.call('listGroups', { params }),
    sandbox.call('ledger', { query: { account: number, last: LEDGER_SHOWN } }),
  ]);
  return { number, chats, contacts, groups, ledger };
}

/** Loads the latest messages of a chat, or those before one. */
export async function loadMessages(number: string, chat: string, before?: string): Promise<void> {
  if (before === undefined) store.dispatch({ kind: 'opened', number, chat });
  const query = { limit: PAGE, ...(before === undefined ? {} : { before }) };
  const messages = await sandbox.call('listMessages', { params: { number, chat }, query });
  store.dispatch({ kind: 'page', number, chat, messages, complete: messages.length < PAGE });
}

function auditor(number: string | undefined) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async () => {
    timer = undefined;
    if (number === undefined) return;
    try {
      const audit = await sandbox.call('audit', { query: { account: number } });
      store.dispatch({ kind: 'audited', number, audit });
    } catch {
      // Comes again with the next entry or connection.
    }
  };
  return {
    soon: () => {
      timer ??= setTimeout(() => void run(), AUDIT_AFTER_MS);
    },
    stop: () => clearTimeout(timer),
  };
}
