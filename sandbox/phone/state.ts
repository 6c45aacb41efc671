import type { LiveEvent } from '../src/control/live-event.ts';
import type {
  Account,
  Audit,
  Chat,
  Contact,
  Group,
  LedgerEntry,
  Message,
  PendingLink,
  StandingFault,
} from './shapes.ts';

/** How many ledger entries stay in view. */
export const LEDGER_SHOWN = 500;

/** A chat that was opened. */
export interface Conversation {
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** Nothing older is left to load. */
  readonly complete: boolean;
}

/** What the phone of one account shows. */
export interface Phone {
  readonly number: string;
  /** Latest first. */
  readonly chats: readonly Chat[];
  readonly contacts: readonly Contact[];
  readonly groups: readonly Group[];
  /** Oldest first. */
  readonly ledger: readonly LedgerEntry[];
  readonly audit: Audit | undefined;
  readonly conversations: Readonly<Record<string, Conversation>>;
}

export interface State {
  /** The push feed: not there yet; there; broken and tried again. */
  readonly line: 'connecting' | 'live' | 'lost';
  readonly accounts: readonly Account[];
  readonly links: readonly PendingLink[];
  readonly faults: readonly StandingFault[];
  readonly phone: Phone | undefined;
}

export type Action =
  | { readonly kind: 'line'; readonly line: State['line'] }
  /** Everything anew, read after the feed's hello. */
  | ({ readonly kind: 'loaded' } & Pick<State, 'accounts' | 'links' | 'faults'> & {
        readonly phone: Omit<Phone, 'audit' | 'conversations'> | undefined;
      })
  | { readonly kind: 'event'; readonly event: LiveEvent }
  /** A chat is opened: from here on the feed's news of it count, and its first page is on its way. */
  | { readonly kind: 'opened'; readonly number: string; readonly chat: string }
  | {
      readonly kind: 'page';
      readonly number: string;
      readonly chat: string;
      readonly messages: readonly Message[];
      readonly complete: boolean;
    }
  | { readonly kind: 'audited'; readonly number: string; readonly audit: Audit };

export const INITIAL: State = { line: 'connecting', accounts: [], links: [], faults: [], phone: undefined };

/** Puts a thing in the place of the one with its key, or behind all others. */
function upsert<T>(all: readonly T[], one: T, keyOf: (value: T) => string): readonly T[] {
  const index = all.findIndex((known) => keyOf(known) === keyOf(one));
  return index < 0 ? [...all, one] : all.with(index, one);
}

export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case 'line':
      return { ...state, line: action.line };
    case 'loaded': {
      const { accounts, links, faults, phone } = action;
      const kept = state.phone?.number === phone?.number ? state.phone?.audit : undefined;
      return {
        ...state,
        accounts,
        links,
        faults,
        phone: phone && { ...phone, audit: kept, conversations: {} },
      };
    }
    case 'event':
      return applyEvent(state, action.event);
    case 'opened':
      return onPhone(state, action.number, (phone) => ({
        ...phone,
        conversations: { [action.chat]: { messages: [], complete: false }, ...phone.conversations },
      }));
    case 'page':
      return onPhone(state, action.number, (phone) => addPage(phone, action));
    case 'audited':
      return onPhone(state, action.number, (phone) => ({ ...phone, audit: action.audit }));
  }
}

function onPhone(state: State, number: string, change: (phone: Phone) => Phone): State {
  return state.phone?.number === number ? { ...state, phone: change(state.phone) } : state;
}

function applyEvent(state: State, event: LiveEvent): State {
  switch (event.kind) {
    case 'hello':
      return { ...state, line: 'live' };
    case 'account': {
      const accounts = upsert(state.accounts, event.account, ({ number }) => number);
      return {
        ...state,
        accounts: accounts.toSorted((one, other) => one.number.localeCompare(other.number)),
      };
    }
    case 'links':
      return { ...state, links: event.links };
    case 'faults':
      return { ...state, faults: event.faults };
    case 'group':
      return state.phone === undefined ? state : { ...state, phone: addGroup(state.phone, event.group) };
    case 'chat':
      return onPhone(state, event.account, (phone) => ({
        ...phone,
        chats: [event.chat, ...phone.chats.filter(({ jid }) => jid !== event.chat.jid)].toSorted(
          (one, other) => other.t - one.t,
        ),
      }));
    case 'message':
      return onPhone(state, event.account, (phone) => placeMessage(phone, event.message));
    case 'ledger':
      return onPhone(state, event.entry.account, (phone) => addEntry(phone, event.entry));
  }
}

const addGroup = (phone: Phone, group: Group): Phone =>
  group.participants.includes(`${phone.number}@c.us`)
    ? { ...phone, groups: upsert(phone.groups, group, ({ jid }) => jid) }
    : phone;

/** Entries that were read and are told of as well stay one. */
const addEntry = (phone: Phone, entry: LedgerEntry): Phone =>
  entry.seq <= (phone.ledger.at(-1)?.seq ?? 0)
    ? phone
    : { ...phone, ledger: [...phone.ledger, entry].slice(-LEDGER_SHOWN) };

function placeMessage(phone: Phone, message: Message): Phone {
  const chats = phone.chats.map((chat) =>
    chat.jid === message.chat && chat.last?.id === message.id ? { ...chat, last: message } : chat,
  );
  const open = phone.conversations[message.chat];
  if (open === undefined) return { ...phone, chats };
  const known = open.messages.some(({ id }) => id === message.id);
  const oldest = open.messages[0];
  // An old message that was changed and never loaded: it comes with its page.
  if (!known && !open.complete && oldest !== undefined && message.t < oldest.t) return { ...phone, chats };
  const messages = upsert(open.messages, message, ({ id }) => id);
  return {
    ...phone,
    chats,
    conversations: { ...phone.conversations, [message.chat]: { ...open, messages } },
  };
}

/**
 * Puts a page of messages on top. What is there was told by the feed, so it is at least as new as a page that was
 * asked for meanwhile; only the page knows the order of what both have.
 */
function addPage(
  phone: Phone,
  {
    chat,
    messages,
    complete,
  }: { readonly chat: string; readonly messages: readonly Message[]; readonly complete: boolean },
): Phone {
  const known = new Map((phone.conversations[chat]?.messages ?? []).map((message) => [message.id, message]));
  const page = messages.map((message) => known.get(message.id) ?? message);
  for (const { id } of messages) known.delete(id);
  const oldest = messages[0]?.t ?? 0;
  const behind = [...known.values()].filter(({ t }) => complete || t >= oldest);
  const open = { messages: [...page, ...behind], complete };
  return { ...phone, conversations: { ...phone.conversations, [chat]: open } };
}
