import type { SessionState, TransitionReason } from '@whatsapp-operator/api/session';

/**
 * The session's state as a pure function of what happens to it. Nothing here knows of time, browsers or threads;
 * the engine alone feeds it, and whatever it answers is told as a transition.
 */
export type MachineEvent =
  /** Somebody wants a session: at the start, or again after Failed. */
  | { readonly kind: 'begin'; readonly reason: 'started' | 'requested'; readonly detail: string }
  /** A browser is being started after one was lost. */
  | { readonly kind: 'life'; readonly detail: string }
  /** What the page shows. */
  | { readonly kind: 'page'; readonly view: PageView; readonly detail: string }
  /** The page, or the connection that it has, can no longer be relied on. */
  | { readonly kind: 'lost'; readonly reason: TransitionReason; readonly detail: string }
  | { readonly kind: 'pairing-expired'; readonly detail: string }
  /** The account was unlinked, here or on the phone. */
  | {
      readonly kind: 'logged-out';
      readonly reason: 'logged_out' | 'requested';
      readonly detail: string;
    }
  /** WhatsApp ended the session for a cause that trying again makes worse. */
  | { readonly kind: 'refused'; readonly reason: TransitionReason; readonly detail: string }
  | { readonly kind: 'stop'; readonly detail: string };

/** What a page amounts to. */
export type PageView =
  /** On its way, or trying to get its connection back. */
  | 'connecting'
  /** Offers itself for linking. */
  | 'unlinked'
  /** Was linked before and offers itself for linking now. */
  | 'unlinked-again'
  /** Linked, and not yet usable. */
  | 'syncing'
  /** A message handed over now can leave now. */
  | 'usable';

/** Where to, and why. */
export interface Move {
  readonly to: SessionState;
  readonly reason: TransitionReason;
  readonly detail: string;
}

/** The move that an event causes; undefined when it changes nothing. */
export function transition(state: SessionState, event: MachineEvent): Move | undefined {
  switch (event.kind) {
    case 'begin':
      return { to: 'Starting', reason: event.reason, detail: event.detail };
    case 'stop':
      return state === 'Stopped' ? undefined : { to: 'Stopped', reason: 'shutdown', detail: event.detail };
    case 'logged-out':
      return state === 'Stopped'
        ? undefined
        : { to: 'LoggedOut', reason: event.reason, detail: event.detail };
    default:
      // Waits for a person, or is over: late news of a browser that is being ended change nothing.
      return state === 'Failed' || state === 'Stopped' ? undefined : moveAlive(state, event);
  }
}

type LiveEvent = Exclude<MachineEvent, { kind: 'begin' | 'stop' | 'logged-out' }>;

function moveAlive(state: SessionState, event: LiveEvent): Move | undefined {
  switch (event.kind) {
    case 'life':
      return state === 'Disconnected' || state === 'LoggedOut'
        ? { to: 'Starting', reason: 'progress', detail: event.detail }
        : undefined;
    case 'page':
      return movePage(state, event.view, event.detail);
    case 'lost':
      return { to: afterLoss(state), reason: event.reason, detail: event.detail };
    case 'pairing-expired':
      return state === 'Pairing'
        ? { to: 'Pairing', reason: 'pairing_expired', detail: event.detail }
        : undefined;
    case 'refused':
      return { to: 'Failed', reason: event.reason, detail: event.detail };
  }
}

/** What had not got to an account goes back to the start; what had is disconnected. */
const afterLoss = (state: SessionState): SessionState =>
  state === 'Connected' || state === 'Syncing' || state === 'Disconnected' ? 'Disconnected' : 'Starting';

function movePage(state: SessionState, view: PageView, detail: string): Move | undefined {
  // The profile is being wiped: only a new life leads out.
  if (state === 'LoggedOut') return undefined;
  switch (view) {
    case 'connecting':
      return state === 'Connected' ? { to: 'Disconnected', reason: 'socket_lost', detail } : undefined;
    case 'unlinked':
      return state === 'Pairing' ? undefined : { to: 'Pairing', reason: 'progress', detail };
    case 'unlinked-again':
      return state === 'Pairing' ? undefined : { to: 'Pairing', reason: 'logged_out', detail };
    case 'syncing':
      return state === 'Starting' || state === 'Pairing'
        ? { to: 'Syncing', reason: 'progress', detail }
        : undefined;
    case 'usable':
      return state === 'Connected' ? undefined : { to: 'Connected', reason: 'progress', detail };
  }
}
