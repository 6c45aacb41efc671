/**
 * The parts of WhatsApp Web that our own page functions use, as whatsapp-web.js and public reports describe them.
 * Everything may be missing or renamed in the next version of the page, so whatever uses them checks first.
 */
export interface PageWid {
  readonly _serialized?: string;
  readonly user?: string;
  readonly isGroup?: () => boolean;
}

export interface PageKey {
  readonly _serialized?: string;
  readonly id: string;
  readonly fromMe: boolean;
  readonly remote: PageWid | string;
  readonly participant?: PageWid | string;
}

export interface PageMessage {
  readonly id: PageKey;
  readonly ack?: number;
  readonly t?: number;
  readonly type?: string;
  readonly body?: string;
  readonly caption?: string;
  readonly isNewMsg?: boolean;
  readonly from?: PageWid | string;
  readonly author?: PageWid | string;
  readonly directPath?: string;
  readonly mediaData?: unknown;
  readonly quotedStanzaID?: string;
  readonly quotedParticipant?: PageWid | string;
  readonly latestEditSenderTimestampMs?: number;
  readonly set?: (fields: { readonly ack: number }) => void;
}

export interface PageChat {
  readonly id: PageWid;
  readonly formattedTitle?: string;
  readonly name?: string;
  readonly unreadCount?: number;
  readonly t?: number;
  readonly msgs: { readonly getModelsArray: () => readonly PageMessage[] };
  readonly groupMetadata?: {
    readonly participants?:
      | readonly { readonly id: PageWid }[]
      | { readonly getModelsArray: () => readonly { readonly id: PageWid }[] };
  };
}

export interface PageContact {
  readonly id: PageWid;
  readonly name?: string;
  readonly pushname?: string;
  readonly isContactBlocked?: boolean;
}

type Listen<T extends readonly unknown[]> = (event: string, listener: (...told: T) => void) => void;

/** Modules by the names under which the page hands them out. */
export interface PageModules {
  readonly WAWebSocketModel: {
    readonly Socket: {
      readonly state?: string;
      readonly hasSynced?: boolean;
      readonly on: Listen<[unknown, string]>;
      readonly reconnect: () => void;
      readonly logout: () => Promise<void>;
    };
  };
  readonly WAWebCmd: {
    readonly Cmd: { readonly on: Listen<[]>; readonly refreshQR: () => void };
  };
  readonly WAWebCollections: {
    readonly Msg: {
      readonly on: Listen<[PageMessage, unknown]>;
      readonly get: (key: string) => PageMessage | undefined;
      readonly getModelsArray: () => readonly PageMessage[];
      readonly getMessagesById?: (keys: readonly string[]) => Promise<{
        readonly messages?: readonly (PageMessage | undefined)[];
      }>;
    };
    readonly Chat: {
      readonly get: (wid: unknown) => PageChat | undefined;
      readonly getModelsArray: () => readonly PageChat[];
    };
    readonly Contact: { readonly getModelsArray: () => readonly PageContact[] };
  };
  readonly WAWebMsgKey: new (
    parts: Readonly<Record<'from' | 'to' | 'id' | 'participant' | 'selfDir', unknown>>,
  ) => PageKey;
  readonly WAWebWidFactory: { readonly createWid: (text: string) => PageWid };
  readonly WAWebQueryExistsJob: {
    readonly queryWidExists: (wid: PageWid) => Promise<{ readonly wid: PageWid } | null | undefined>;
  };
  readonly WAWebUserPrefsMeUser: {
    readonly getMaybeMePnUser: () => PageWid | null | undefined;
    readonly getMaybeMeLidUser: () => PageWid | null | undefined;
  };
  readonly WAWebApiContact: {
    readonly getCurrentLid?: (wid: PageWid) => PageWid | null | undefined;
    readonly getPhoneNumber?: (wid: PageWid) => PageWid | null | undefined;
  };
  readonly WAWebChatLoadMessages: {
    readonly loadEarlierMsgs: (wish: {
      readonly chat: PageChat;
    }) => Promise<readonly PageMessage[] | undefined>;
  };
  readonly WAWebSendMsgChatAction: {
    addAndSendMsgToChat: (
      chat: PageChat,
      message: {
        readonly id: PageKey;
        readonly from: unknown;
        readonly to: unknown;
        /** Our mark. */
        readonly sessionPodId?: string;
      },
      ...more: readonly unknown[]
    ) => readonly [Promise<unknown>, Promise<unknown>];
  };
  readonly WAWebSendReactionMsgAction: {
    readonly sendReactionToMsg: (message: PageMessage, emoji: string) => Promise<unknown>;
  };
  readonly WAWebFrontendContactGetters: { readonly getIsMyContact?: (contact: PageContact) => boolean };
}

/** `window` of the page. */
export interface PageWindow {
  readonly Debug?: { readonly VERSION?: string };
  readonly require: <N extends keyof PageModules>(name: N) => PageModules[N];
  /** What the library put into the page. */
  readonly WWebJS?: { mediaInfoToFile: (info: { readonly data: string }) => object };
  /** Exposed by the worker: takes a list of events as JSON. */
  readonly sessionPodEvent?: (events: string) => Promise<void>;
  readonly onAppStateHasSyncedEvent?: () => Promise<void>;
  sessionPod?: Agent;
}

/** Our own functions in the page, by name; installed once per document. */
export interface Agent {
  [name: string]: ((...told: never[]) => unknown) | undefined;
}
