import type { TransitionReason } from '@whatsapp-operator/api/session';
import type { RecoveryKind } from './recovery.ts';

/** Why a browser's life ends, and what follows. */
export interface Fault {
  readonly reason: TransitionReason;
  /** Without message bodies and phone numbers. */
  readonly detail: string;
  readonly next: FaultOutcome;
}

export type FaultOutcome = RecoveryKind | 'fail' | 'log-out' | 'settle';

const TERMINAL: ReadonlyMap<string, TransitionReason> = new Map([
  ['CONFLICT', 'conflict'],
  ['TOS_BLOCK', 'tos_block'],
  ['SMB_TOS_BLOCK', 'smb_tos_block'],
  ['PROXYBLOCK', 'proxy_block'],
  ['DEPRECATED_VERSION', 'deprecated_version'],
]);

/** The fault that a state of the page's socket amounts to; undefined for those that pass. */
export function faultOfSocket(socket: string): Fault | undefined {
  const reason = TERMINAL.get(socket);
  return reason === undefined
    ? undefined
    : { reason, detail: `WhatsApp ended the session with ${socket}`, next: 'fail' };
}

/** Whether an error of page or library says that the browser cannot write any more: its databases close then, for good. */
export const tellsOfFullDisk = (text: string): boolean =>
  /FILE_ERROR_NO_SPACE|QuotaExceededError|ENOSPC|connection is closing/i.test(text);

/** Errors that only say that the browser or the page went away meanwhile; whatever took it away is told apart. */
export const goneMeanwhile = (text: string): boolean =>
  /Target closed|Session closed|detached|context was destroyed|Connection closed/i.test(text);

/** The fault behind a rejected start of the library. */
export function faultOfStart(error: string): Fault {
  const detail = firstLine(error);
  if (tellsOfFullDisk(error)) return { reason: 'storage_error', detail, next: 'gentle' };
  if (/net::ERR_|auth timeout/.test(error)) return { reason: 'page_unreachable', detail, next: 'gentle' };
  if (goneMeanwhile(error)) return { reason: 'engine_crashed', detail, next: 'counted' };
  return { reason: 'page_incompatible', detail, next: 'gentle' };
}

/** Longest error text that is kept: the page's errors may carry anything. */
const MAX_DETAIL = 200;

/** The first line of an error, with digits that may be phone numbers taken out. */
export const firstLine = (error: string): string =>
  (error.split('\n', 1)[0] ?? '').replaceAll(/\d{7,}/g, '…').slice(0, MAX_DETAIL);
