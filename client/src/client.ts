import { type Content, type SendDetails, sendBody } from './content.ts';
import { WhatsAppError } from './errors.ts';
import type {
  Chat,
  Contact,
  HistoryMessage,
  Message,
  MessagePage,
  MessageStatus,
  NumberLookup,
  PairingCode,
  QrCode,
  Session,
} from './generated/contract.ts';
import { type ApiRequest, type CallOptions, Transport } from './http/transport.ts';
import { type ClientOptions, readSettings } from './settings.ts';
import {
  DEFAULT_WAIT_MS,
  hasReached,
  type Look,
  type MessageGoal,
  poll,
  sessionVerdict,
  type WaitOptions,
} from './wait.ts';

export interface SendOptions extends SendDetails, CallOptions {
  /** Makes the call safe to repeat over the life of this process too. Default: a new one for each call. */
  readonly idempotencyKey?: string | undefined;
  /** Resolves only when the message got that far. Default: as soon as it is accepted, on disk. */
  readonly wait?: MessageGoal | undefined;
  /** How long to wait for that at most, after it was accepted. Milliseconds; default 120000. */
  readonly timeoutMs?: number | undefined;
}

export interface MessageFilter {
  readonly status?: MessageStatus | undefined;
  readonly to?: string | undefined;
  /** Size of a page, 1 to 1000. Default: 100. */
  readonly limit?: number | undefined;
}

/** Questions to WhatsApp Web itself, which only a connected session can answer. */
export interface DirectoryOptions extends CallOptions {
  /** How many at most. */
  readonly limit?: number | undefined;
  /** Waits first, up to this time, until the session is connected. Milliseconds. Default: not at all. */
  readonly connectWithinMs?: number | undefined;
}

export interface ConnectOptions extends WaitOptions {
  /** Goes on waiting while a person has to link the account, instead of throwing `pairing_required`. */
  readonly throughPairing?: boolean | undefined;
  /** Called with every state that is seen. */
  readonly onSession?: ((session: Session) => void) | undefined;
}

/** The longest that the API is asked to wait at once. Milliseconds. */
const SERVER_WAIT_MS = 20_000;

/**
 * One WhatsApp session, by its HTTP API.
 *
 * Promises: `send` under one idempotency key has the effect of one message, however often connections, pods and
 * answers are lost in between; what it throws says whether to call again (`kind`) and under which key. Every method
 * throws WhatsAppError, or the reason of the signal that ended it.
 */
export class WhatsAppClient {
  readonly #transport: Transport;

  /** @throws WhatsAppError `invalid_settings` */
  constructor(options: ClientOptions = {}) {
    const environment = typeof process === 'undefined' ? {} : process.env;
    this.#transport = new Transport(readSettings(options, environment));
  }

  /**
   * Hands a message over. When this resolves it is on the session's disk and arrives exactly once, or its status
   * says what became of it; the session need not be connected.
   *
   * @param to `+55 11 91234-5678`, digits with country code, or an id that ends in `@c.us`, `@lid` or `@g.us`
   * @throws WhatsAppError `not_sent` when it was waited for and ended otherwise
   */
  async send(to: string, content: Content, options: SendOptions = {}): Promise<Message> {
    const { idempotencyKey = crypto.randomUUID(), wait, timeoutMs = DEFAULT_WAIT_MS, signal } = options;
    const body = await sendBody(to, content, options);
    const deadline = Date.now() + timeoutMs;
    const serverWaitMs = wait === undefined ? 0 : Math.min(SERVER_WAIT_MS, timeoutMs);
    try {
      const message = await this.#transport.json<Message>(
        {
          method: 'POST',
          path: '/api/v1/messages',
          query: wait === undefined ? {} : { wait: serverGoal(wait), timeout: seconds(serverWaitMs) },
          headers: { ...body.headers, 'idempotency-key': idempotencyKey },
          body: body.make,
          repeatability: 'safe',
          extraMs: serverWaitMs,
        },
        options,
      );
      if (wait === undefined) return message;
      const seen = lookAt(message, wait);
      if (seen.done) return seen.value;
      return await this.waitFor(message.id, wait, { timeoutMs: Math.max(1, deadline - Date.now()), signal });
    } catch (error) {
      throw error instanceof WhatsAppError ? error.with({ idempotencyKey }) : error;
    }
  }

  /**
   * Resolves when a message got as far as `goal`. Restarts of the session in between do not matter.
   *
   * @throws WhatsAppError `not_sent`, `timeout`
   */
  waitFor(id: string, goal: MessageGoal, options: WaitOptions = {}): Promise<Message> {
    const { signal } = options;
    return poll(
      `waiting until message ${id} is ${goal}`,
      async (remainingMs) =>
        lookAt(await this.message(id, { signal, retry: { deadlineMs: remainingMs } }), goal),
      options,
      (message) => message,
    );
  }

  /** A message and what became of it. */
  message(id: string, options: CallOptions = {}): Promise<Message> {
    return this.#read(`/api/v1/messages/${encodeURIComponent(id)}`, {}, options);
  }

  /** One page of messages, the oldest first; pass `next` as `cursor` for what follows. */
  messagePage(
    filter: MessageFilter & { readonly cursor?: string | undefined } = {},
    options: CallOptions = {},
  ): Promise<MessagePage> {
    const { status, to, cursor, limit } = filter;
    return this.#read('/api/v1/messages', { status, to, cursor, limit }, options);
  }

  /** All messages that the session still knows, the oldest first, fetched page by page. */
  async *messages(filter: MessageFilter = {}, options: CallOptions = {}): AsyncGenerator<Message, void> {
    let cursor: string | undefined;
    do {
      const page: MessagePage = await this.messagePage({ ...filter, cursor }, options);
      yield* page.messages;
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }

  /** Cancels a message that has certainly not been sent; otherwise throws `not_cancellable`. */
  cancel(id: string, options: CallOptions = {}): Promise<Message> {
    const path = `/api/v1/messages/${encodeURIComponent(id)}`;
    return this.#transport.json({ method: 'DELETE', path, repeatability: 'safe' }, options);
  }

  /** State, account, versions, queue. */
  session(options: CallOptions = {}): Promise<Session> {
    return this.#read('/api/v1/session', {}, options);
  }

  /**
   * Resolves when a message handed over can leave at once.
   *
   * @throws WhatsAppError `pairing_required`, `session_failed`, `timeout`
   */
  waitUntilConnected(options: ConnectOptions = {}): Promise<Session> {
    const { signal, throughPairing = false, onSession } = options;
    const ask = async (remainingMs: number): Promise<Look<Session>> => {
      const session = await this.session({ signal, retry: { deadlineMs: remainingMs } });
      onSession?.(session);
      const verdict = sessionVerdict(session);
      if (verdict === 'connected') return { done: true, value: session };
      if (verdict === 'failed')
        throw new WhatsAppError('session_failed', 'conflict', `the session has stopped: ${session.detail}`);
      if (verdict === 'pairing_required' && !throughPairing)
        throw new WhatsAppError('pairing_required', 'conflict', 'a phone has to link the account first');
      return { done: false, seen: session };
    };
    return poll('waiting until the session is connected', ask, options);
  }

  /** The QR code that is valid now: a credential. Ask again every few seconds, codes expire. */
  qr(options: CallOptions = {}): Promise<QrCode> {
    return this.#read('/api/v1/session/qr', { format: 'json' }, options);
  }

  /** The same, drawn with characters for a terminal. */
  async qrText(options: CallOptions = {}): Promise<string> {
    return await (await this.#fetch('/api/v1/session/qr', 'text/plain', options, { format: 'text' })).text();
  }

  /** The same, as a PNG. */
  async qrPng(options: CallOptions = {}): Promise<Uint8Array> {
    return bytes(await this.#fetch('/api/v1/session/qr', 'image/png', options, { format: 'png' }));
  }

  /**
   * The code to type on the phone.
   *
   * @param phoneNumber switches the session to a code for this number; without it, the one that is valid now
   */
  pairingCode(phoneNumber?: string, options: CallOptions = {}): Promise<PairingCode> {
    const path = '/api/v1/session/pairing-code';
    if (phoneNumber === undefined) return this.#read(path, {}, options);
    return this.#transport.json(
      { method: 'POST', path, ...jsonOf({ phoneNumber }), repeatability: 'safe', extraMs: SERVER_WAIT_MS },
      options,
    );
  }

  /** Begins the browser anew, with the same registration. Messages stay in the queue. */
  restart(options: CallOptions = {}): Promise<Session> {
    return this.#act('/api/v1/session/restart', options);
  }

  /** Unlinks the account and forgets its registration. */
  logout(options: CallOptions = {}): Promise<Session> {
    return this.#act('/api/v1/session/logout', options);
  }

  /** What the page looks like now, as a PNG: may show chats and codes. */
  async screenshot(options: CallOptions = {}): Promise<Uint8Array> {
    return bytes(await this.#fetch('/api/v1/session/screenshot', 'image/png', options));
  }

  /** Chats, the newest first. */
  async chats(options: DirectoryOptions = {}): Promise<readonly Chat[]> {
    return (await this.#ask<{ readonly chats: readonly Chat[] }>('/api/v1/chats', options)).chats;
  }

  /** The newest messages of a chat, oldest first, both directions. */
  async history(chat: string, options: DirectoryOptions = {}): Promise<readonly HistoryMessage[]> {
    const path = `/api/v1/chats/${encodeURIComponent(chat)}/messages`;
    return (await this.#ask<{ readonly messages: readonly HistoryMessage[] }>(path, options)).messages;
  }

  /** The people that the account knows. */
  async contacts(options: DirectoryOptions = {}): Promise<readonly Contact[]> {
    return (await this.#ask<{ readonly contacts: readonly Contact[] }>('/api/v1/contacts', options)).contacts;
  }

  /** Whether a number is on WhatsApp. Look-ups in bulk look like spam there. */
  async lookUpNumber(
    phoneNumber: string,
    options: Omit<DirectoryOptions, 'limit'> = {},
  ): Promise<NumberLookup> {
    return await this.#ask(`/api/v1/numbers/${encodeURIComponent(phoneNumber)}`, options);
  }

  #read<T>(path: string, query: ApiRequest['query'] & object, options: CallOptions): Promise<T> {
    return this.#transport.json({ method: 'GET', path, query, repeatability: 'safe' }, options);
  }

  #fetch(
    path: string,
    accept: string,
    options: CallOptions,
    query: ApiRequest['query'] & object = {},
  ): Promise<Response> {
    return this.#transport.send({ method: 'GET', path, query, accept, repeatability: 'safe' }, options);
  }

  #act(path: string, options: CallOptions): Promise<Session> {
    return this.#transport.json(
      { method: 'POST', path, ...jsonOf({}), repeatability: 'only_if_refused' },
      options,
    );
  }

  async #ask<T>(path: string, { limit, connectWithinMs, ...options }: DirectoryOptions): Promise<T> {
    if (connectWithinMs !== undefined)
      await this.waitUntilConnected({ timeoutMs: connectWithinMs, signal: options.signal });
    return await this.#read(path, { limit }, options);
  }
}

/** @throws WhatsAppError `not_sent` */
function lookAt(message: Message, goal: MessageGoal): Look<Message> {
  const reached = hasReached(message, goal);
  if (reached === true) return { done: true, value: message };
  if (reached === false) return { done: false, seen: message };
  const { id, status, outcome } = message;
  const why = outcome === null ? '' : `: ${outcome.detail} (${outcome.code})`;
  throw new WhatsAppError('not_sent', 'terminal', `message ${id} is ${status}${why}`, { sent: message });
}

/** What the API itself can wait for; the rest is asked for. */
const serverGoal = (goal: MessageGoal): 'sent' | 'delivered' => (goal === 'sent' ? 'sent' : 'delivered');

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const jsonOf = (value: unknown): Pick<ApiRequest, 'headers' | 'body'> => ({
  headers: { 'content-type': 'application/json' },
  body: () => JSON.stringify(value),
});

const bytes = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());
