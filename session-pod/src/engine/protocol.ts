import type {
  Ack,
  ChatSummary,
  ContactSummary,
  HistoryMessage,
  LookupResult,
  MessageKey,
  OutboundMessage,
  SendOutcome,
} from './engine.ts';
import type { ChatHead, InboundHint, MessageSnapshot, OpenMedia, ReadBack } from './inbound.ts';

/** What the page answers when it is asked how it is. */
export interface PageFacts {
  /** Its own program runs. */
  readonly running: boolean;
  /** Version of WhatsApp Web. */
  readonly version: string | undefined;
  /** The library's name of the connection's state; undefined before there is one. */
  readonly socket: string | undefined;
  readonly hasSynced: boolean;
  /** Titles of known dialogs that were closed just now. */
  readonly dismissed: readonly string[];
}

/** What the worker is made with. */
export interface WorkerSettings {
  readonly protocolMs: number;
  readonly authTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly proxyCredentials: { readonly username: string; readonly password: string } | undefined;
}

/** The linked account as the page tells it. */
export interface PageAccount {
  readonly user: string;
  readonly name: string | undefined;
  readonly platform: string | undefined;
}

/** Calls from the main thread into the worker. */
export interface Calls {
  /** Connects the library to a browser and begins; answers once it has a page. */
  open: { params: { readonly endpoint: string }; result: null };
  observe: { params: null; result: PageFacts };
  /** True when WhatsApp answered, false when the question could not be put. */
  roundTrip: { params: null; result: boolean };
  rescueReady: { params: null; result: null };
  missingModules: { params: null; result: readonly string[] };
  refreshPairing: { params: null; result: null };
  requestPairingCode: { params: { readonly phoneNumber: string }; result: string };
  reconnectSocket: { params: null; result: null };
  /** Unlinks at WhatsApp. */
  logOut: { params: null; result: null };
  /** Closes the browser cleanly. */
  close: { params: null; result: null };
  send: { params: { readonly message: OutboundMessage; readonly preflightMs: number }; result: SendOutcome };
  lookup: { params: MessageKey; result: LookupResult };
  screenshot: { params: null; result: Uint8Array };
  resolveNumber: { params: { readonly phoneNumber: string }; result: string | null };
  listChats: { params: { readonly limit: number }; result: readonly ChatSummary[] };
  listContacts: { params: { readonly limit: number }; result: readonly ContactSummary[] };
  history: {
    params: { readonly chatId: string; readonly limit: number };
    result: readonly HistoryMessage[];
  };
  newest: { params: null; result: readonly ChatHead[] };
  readBack: { params: { readonly chatId: string; readonly limit: number }; result: ReadBack };
  inspect: { params: { readonly messageIds: readonly string[] }; result: readonly MessageSnapshot[] };
  openMedia: {
    params: { readonly messageId: string; readonly maxBytes: number };
    result: OpenMedia | null;
  };
  readMedia: {
    params: { readonly token: string; readonly offset: number; readonly length: number };
    result: string;
  };
  closeMedia: { params: { readonly token: string }; result: null };
}

export type CallName = keyof Calls;

/** What happened in the worker, the library or the page. */
export type WorkerEvent =
  | { readonly kind: 'beat' }
  /** The library has a page; its address is being asked for. */
  | { readonly kind: 'opened'; readonly browser: string }
  /** The page's address was answered. */
  | { readonly kind: 'document'; readonly status: number }
  /** A document is in the page; `number` counts them. `loggedOut`: the page went there after a logout. */
  | { readonly kind: 'loaded'; readonly number: number; readonly loggedOut: boolean }
  | { readonly kind: 'page-crashed'; readonly detail: string }
  | { readonly kind: 'page-closed' }
  | { readonly kind: 'browser-gone' }
  | { readonly kind: 'start-failed'; readonly error: string }
  | { readonly kind: 'unhandled'; readonly error: string }
  | { readonly kind: 'page-error'; readonly error: string }
  | { readonly kind: 'storage-full'; readonly error: string }
  | { readonly kind: 'qr'; readonly qr: string }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'sync-progress' }
  | { readonly kind: 'ready'; readonly account: PageAccount | undefined }
  | { readonly kind: 'logged-out' }
  | { readonly kind: 'socket'; readonly socket: string; readonly hasSynced: boolean }
  | { readonly kind: 'ack'; readonly messageId: string; readonly ack: Ack }
  | { readonly kind: 'message'; readonly message: HistoryMessage }
  | { readonly kind: 'inbound'; readonly hint: InboundHint };

export type ToWorker = {
  [N in CallName]: {
    readonly kind: 'call';
    readonly id: number;
    readonly name: N;
    readonly params: Calls[N]['params'];
  };
}[CallName];

export type FromWorker =
  | { readonly kind: 'event'; readonly event: WorkerEvent }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: string };
