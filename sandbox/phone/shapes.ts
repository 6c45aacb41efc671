import type { RouteResult } from '../src/control/contract.ts';

/** What the page shows, as the control API gives it. */
export type Account = RouteResult<'getAccount'>;
export type Device = Account['devices'][number];
export type PendingLink = RouteResult<'pendingLinks'>[number];
export type Chat = RouteResult<'listChats'>[number];
export type Message = RouteResult<'listMessages'>[number];
export type MediaContent = Extract<Message['content'], { kind: 'media' }>;
export type Contact = RouteResult<'listContacts'>[number];
export type Group = RouteResult<'listGroups'>[number];
export type StandingFault = RouteResult<'listFaults'>[number];
export type LedgerEntry = RouteResult<'ledger'>[number];
export type Audit = RouteResult<'audit'>;
