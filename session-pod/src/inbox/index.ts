export type { EventQuery, EventSlice, Inbox, InboxStats } from './contract.ts';
export type { StoredEvent } from './event.ts';
export { DurableInbox } from './inbox.ts';
export { defaultInboxSettings, type InboxSettings } from './settings.ts';
