import { z } from 'zod';

/**
 * What one WhatsApp Web session is doing. Exactly one holds at any time; the engine's supervisor alone moves it.
 *
 * Starting → Pairing → Syncing → Connected ⇄ Disconnected; LoggedOut leads to Starting again, Failed to nothing
 * by itself.
 */
export const sessionState = z.enum([
  /** Browser and page are being brought up, or brought up again. */
  'Starting',
  /** The page shows a QR code or a pairing code: a person has to link the account. */
  'Pairing',
  /** Linked; the page fetches what it missed. Nothing can be sent yet. */
  'Syncing',
  /** A message handed over now can leave now, proven by the page. */
  'Connected',
  /** Was connected; the page tries by itself to get back, or the engine is about to be recovered. */
  'Disconnected',
  /** The phone or the service unlinked the account. The profile is being wiped; Starting and Pairing follow. */
  'LoggedOut',
  /** Stopped for a cause that trying again would only make worse. Waits for a person: restart, or new settings. */
  'Failed',
  /** Shutting down, or shut down. */
  'Stopped',
]);
export type SessionState = z.infer<typeof sessionState>;

/** Why a state was left or entered. A closed list: metrics use it as a label. */
export const transitionReason = z.enum([
  /** First start of the process. */
  'started',
  /** The page connected, or finished what it was doing. */
  'progress',
  /** The page lost its connection to WhatsApp, and says so. */
  'socket_lost',
  /** The connection stands and carries nothing: acks or probes stay away. */
  'socket_silent',
  /** The browser's main process ended. */
  'browser_crashed',
  /** The page's process ended, out of memory included. */
  'renderer_crashed',
  /** The page does not answer within its deadline. */
  'engine_hung',
  /** The worker thread that runs the library ended, or threw what nobody caught. */
  'engine_crashed',
  /** The page went elsewhere or loaded anew. */
  'navigation',
  /** The page did not get as far as it should within its deadline. */
  'startup_timeout',
  /** The page could not be loaded at all: no address, refused, HTTP error, certificate. */
  'page_unreachable',
  /** The page lacks what the library needs: WhatsApp Web has changed. */
  'page_incompatible',
  /** The volume is full or not writable. */
  'storage_error',
  /** The codes to link with ran out without anybody using them. */
  'pairing_expired',
  /** The phone or the service unlinked this device. */
  'logged_out',
  /** Another browser uses the same registration. Never fought over. */
  'conflict',
  /** The account is blocked for violating the terms of service. */
  'tos_block',
  /** A business account is blocked likewise. */
  'smb_tos_block',
  /** WhatsApp refuses the address or proxy that the connection comes from. */
  'proxy_block',
  /** WhatsApp no longer accepts this version of its page. */
  'deprecated_version',
  /** A person or program asked for it through the API. */
  'requested',
  /** Recovery within the process has used up its budget. */
  'recovery_exhausted',
  /** The process was told to end. */
  'shutdown',
]);
export type TransitionReason = z.infer<typeof transitionReason>;

/** One change of state, as it is logged, counted and kept. */
export interface Transition {
  readonly from: SessionState;
  readonly to: SessionState;
  readonly reason: TransitionReason;
  /** For people: what was seen, without message bodies and phone numbers. */
  readonly detail: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}
