/** The types of the session API. Generated from api/src/session by `make generate`. */

export type AttemptOutcome =
  | 'inserted'
  | 'not_begun'
  | 'refused'
  | 'no_result'
  | 'rejected'
  | 'timeout'
  | 'engine_lost'
  | 'interrupted';

export type AttemptReason =
  | 'first'
  | 'not_begun'
  | 'absent'
  | 'gave_up'
  | 'repeatable';

export type ContentType =
  | 'text'
  | 'image'
  | 'video'
  | 'document'
  | 'audio'
  | 'voice'
  | 'sticker'
  | 'location'
  | 'contacts'
  | 'poll'
  | 'reaction';

export type MessageStatus =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'played'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'unknown';

export type OutcomeCode =
  | 'not_on_whatsapp'
  | 'chat_not_found'
  | 'not_a_member'
  | 'invalid_media'
  | 'quoted_message_not_found'
  | 'message_not_found'
  | 'unsupported_content'
  | 'media_missing'
  | 'rejected_by_whatsapp'
  | 'attempts_exhausted'
  | 'expired'
  | 'cancelled'
  | 'not_proven'
  | 'logged_out'
  | 'account_changed';

export type ProblemCode =
  | 'invalid_request'
  | 'invalid_json'
  | 'invalid_multipart'
  | 'unauthorized'
  | 'foreign_page'
  | 'not_found'
  | 'message_not_found'
  | 'event_not_found'
  | 'webhook_not_found'
  | 'chat_not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'request_timeout'
  | 'not_cancellable'
  | 'webhook_exists'
  | 'webhook_of_settings'
  | 'already_linked'
  | 'not_pairing'
  | 'session_failed'
  | 'media_gone'
  | 'media_too_large'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'webhook_url_refused'
  | 'unsupported_chat'
  | 'media_refused'
  | 'media_url_refused'
  | 'media_url_failed'
  | 'idempotency_key_reused'
  | 'webhook_limit'
  | 'too_many_requests'
  | 'request_headers_too_large'
  | 'internal'
  | 'not_connected'
  | 'storage_failed'
  | 'shutting_down'
  | 'engine_failed'
  | 'engine_timeout'
  | 'storage_full';

export type SessionState =
  | 'Starting'
  | 'Pairing'
  | 'Syncing'
  | 'Connected'
  | 'Disconnected'
  | 'LoggedOut'
  | 'Failed'
  | 'Stopped';

export type TransitionReason =
  | 'started'
  | 'progress'
  | 'socket_lost'
  | 'socket_silent'
  | 'browser_crashed'
  | 'renderer_crashed'
  | 'engine_hung'
  | 'engine_crashed'
  | 'navigation'
  | 'startup_timeout'
  | 'page_unreachable'
  | 'page_incompatible'
  | 'storage_error'
  | 'pairing_expired'
  | 'logged_out'
  | 'conflict'
  | 'tos_block'
  | 'smb_tos_block'
  | 'proxy_block'
  | 'deprecated_version'
  | 'requested'
  | 'recovery_exhausted'
  | 'shutdown';

export interface SendRequest {
  /** A person or a group: `+55 11 91234-5678`, bare digits with country code, `…@c.us`, `…@s.whatsapp.net`, `…@lid` or `…@g.us` */
  readonly to: string;
  readonly content: MessageContent;
  /** The message that this one answers */
  readonly replyTo?: string | undefined;
  /** Who is mentioned in the text or caption */
  readonly mentions?: readonly string[] | undefined;
  /** When it has not left by then, it is given up. Default: the setting */
  readonly expiresAfterSeconds?: number | undefined;
}

export type MessageContent =
  | {
    readonly type: 'text';
    readonly text: string;
    /** Shows a preview of the first link */
    readonly linkPreview?: boolean | undefined;
  }
  | {
    readonly type: 'image';
    readonly media: MediaSource;
    /** Taken when the bytes do not tell; what the bytes tell wins */
    readonly mimetype?: string | undefined;
    readonly filename?: string | undefined;
    readonly caption?: string | undefined;
  }
  | {
    readonly type: 'video';
    readonly media: MediaSource;
    /** Taken when the bytes do not tell; what the bytes tell wins */
    readonly mimetype?: string | undefined;
    readonly filename?: string | undefined;
    readonly caption?: string | undefined;
  }
  | {
    readonly type: 'document';
    readonly media: MediaSource;
    /** Taken when the bytes do not tell; what the bytes tell wins */
    readonly mimetype?: string | undefined;
    readonly filename?: string | undefined;
    readonly caption?: string | undefined;
  }
  | {
    readonly type: 'audio';
    readonly media: MediaSource;
    /** Taken when the bytes do not tell; what the bytes tell wins */
    readonly mimetype?: string | undefined;
    readonly filename?: string | undefined;
  }
  | {
    readonly type: 'voice';
    readonly media: MediaSource;
    /** Taken when the bytes do not tell; what the bytes tell wins */
    readonly mimetype?: string | undefined;
    readonly filename?: string | undefined;
  }
  | {
    readonly type: 'sticker';
    readonly media: MediaSource;
    /** Taken when the bytes do not tell; what the bytes tell wins */
    readonly mimetype?: string | undefined;
    readonly filename?: string | undefined;
  }
  | {
    readonly type: 'location';
    readonly latitude: number;
    readonly longitude: number;
    readonly name?: string | undefined;
    readonly address?: string | undefined;
  }
  | {
    readonly type: 'contacts';
    readonly contacts: readonly ContactCard[];
  }
  | {
    readonly type: 'poll';
    readonly question: string;
    readonly options: readonly string[];
    /** More than one option may be chosen */
    readonly multiple?: boolean | undefined;
  }
  | {
    readonly type: 'reaction';
    /** The full id of a message at WhatsApp, as events and `messageId` give it */
    readonly messageId: string;
    /** One emoji; empty takes the reaction back */
    readonly emoji: string;
  };

export type MediaSource =
  | {
    /** Fetched once, while the request waits */
    readonly url: string;
  }
  | {
    /** The file itself, in base64; multipart needs a third less */
    readonly data: string;
  }
  | {
    /** Name of the part that carries the file, in a multipart request */
    readonly part: string;
  };

export type ContactCard =
  | {
    readonly name: string;
    readonly phoneNumber: string;
    readonly organization?: string | undefined;
  }
  | {
    readonly vcard: string;
  };

export interface Account {
  /** `<digits>@c.us` */
  readonly id: string;
  readonly name: string | null;
  /** What the phone is, as it says itself */
  readonly platform: string | null;
}

export interface Attempt {
  readonly number: number;
  readonly reason: AttemptReason;
  /** RFC 3339, UTC, with milliseconds */
  readonly begunAt: string;
  readonly endedAt: string | null;
  /** null while it runs */
  readonly outcome: AttemptOutcome | null;
  readonly detail: string | null;
}

export interface Chat {
  readonly id: string;
  readonly name: string | null;
  readonly isGroup: boolean;
  readonly unreadCount: number;
  readonly lastMessageAt: string | null;
}

export interface Contact {
  readonly id: string;
  /** As it is in the address book */
  readonly name: string | null;
  /** As the person calls themselves */
  readonly pushName: string | null;
  readonly isMyContact: boolean;
  readonly isBlocked: boolean;
}

export interface Disconnect {
  readonly reason: TransitionReason;
  /** RFC 3339, UTC, with milliseconds */
  readonly at: string;
}

export interface HistoryMessage {
  /** The full id at WhatsApp: what replies and reactions name */
  readonly id: string;
  readonly chat: string;
  readonly fromMe: boolean;
  readonly author: string;
  readonly type: string;
  readonly body: string;
  readonly hasMedia: boolean;
  /** −1 error, 0 pending, 1 server, 2 device, 3 read, 4 played */
  readonly ack: number;
  /** RFC 3339, UTC, with milliseconds */
  readonly timestamp: string;
  readonly quotedMessageId: string | null;
  readonly editedAt: string | null;
}

export interface Message {
  /** Made when the message was accepted, and the same in every attempt; part of `messageId` */
  readonly id: string;
  /** `<digits>@c.us`, `…@lid` or `…@g.us` */
  readonly to: string;
  readonly type: ContentType;
  readonly status: MessageStatus;
  /** Why it ended, when it ended otherwise than sent */
  readonly outcome:
    | {
      readonly code: OutcomeCode;
      readonly detail: string;
    }
    | null;
  /** The full id at WhatsApp, once WhatsApp Web has told it; replies and reactions refer to it */
  readonly messageId: string | null;
  /** RFC 3339, UTC, with milliseconds */
  readonly acceptedAt: string;
  /** RFC 3339, UTC, with milliseconds */
  readonly expiresAt: string;
  /** Not tried again before, while it waits after an attempt */
  readonly nextAttemptAt: string | null;
  readonly sentAt: string | null;
  readonly deliveredAt: string | null;
  readonly readAt: string | null;
  /** When it was sent or given up; it is deleted some days later */
  readonly endedAt: string | null;
  readonly attempts: readonly Attempt[];
}

export interface MessagePage {
  readonly messages: readonly Message[];
  /** Pass as `cursor` for what follows; null at the end */
  readonly next: string | null;
}

export interface NumberLookup {
  /** Digits only */
  readonly number: string;
  /** Whether the number is on WhatsApp */
  readonly registered: boolean;
  /** The id to send to */
  readonly chat: string | null;
}

export interface OutboxSummary {
  /** Accepted, and not handed to WhatsApp Web yet */
  readonly queued: number;
  /** Handed over; WhatsApp's server has not acknowledged them yet */
  readonly sending: number;
  /** Ended without proof either way */
  readonly unknown: number;
  /** Age of the oldest message that is queued or sending */
  readonly oldestSeconds: number | null;
  /** False while new messages are refused with 507, because the volume is nearly full */
  readonly accepting: boolean;
}

export interface PairingCode {
  /** To be entered on the phone: Linked devices → Link with phone number */
  readonly code: string;
  /** Digits only */
  readonly phoneNumber: string;
  /** RFC 3339, UTC, with milliseconds */
  readonly since: string;
}

export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  /** What was wrong with this request, and what to do about it */
  readonly detail: string;
  /** Whether sending the same request again can help */
  readonly retry: 'never' | 'later' | 'after_action';
  /** Every mistake of an invalid request */
  readonly errors?: readonly {
    /** Where, as body.chat */
    readonly path: string;
    readonly message: string;
  }[] | undefined;
  /** Finds the request in the pod's log */
  readonly requestId?: string | undefined;
}

export interface QrCode {
  /** The text of the QR code, for whoever draws it */
  readonly qr: string;
  /** A code lives for about 20 seconds, the first for 60; then there is another */
  readonly since: string;
}

export interface Restarts {
  /** Times that the browser was begun anew, over the whole life of the data folder */
  readonly engine: number;
  /** Times that the process ended without its shutdown */
  readonly uncleanStops: number;
  /** RFC 3339, UTC, with milliseconds */
  readonly processStartedAt: string;
}

export interface Session {
  /** SESSION_NAME */
  readonly session: string;
  readonly state: SessionState;
  /** Why the state was entered */
  readonly reason: TransitionReason;
  /** For people: what was seen */
  readonly detail: string;
  /** When the state was entered */
  readonly since: string;
  /** False once recovery within the process has given up */
  readonly live: boolean;
  /** Known once linked */
  readonly account: Account | null;
  /** Whether the registration has certainly reached the disk: a kill now needs no second scan */
  readonly registrationDurable: boolean;
  readonly connectedSince: string | null;
  /** The last time that Connected was left, kept over restarts */
  readonly lastDisconnect: Disconnect | null;
  readonly versions: Versions;
  readonly outbox: OutboxSummary;
  readonly restarts: Restarts;
  /** What waits to be used for linking; the code itself is at /session/qr or /session/pairing-code */
  readonly pairing:
    | {
      readonly method: 'QRCode' | 'PairingCode';
      /** RFC 3339, UTC, with milliseconds */
      readonly since: string;
    }
    | null;
}

export interface Versions {
  /** Name and version of the library that drives WhatsApp Web */
  readonly engine: string;
  readonly browser: string | null;
  readonly whatsappWeb: string | null;
}
