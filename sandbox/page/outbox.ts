import type { Ack, ClientFrame, Outgoing, WireMessage } from '../src/wire.ts';
import type { ChatModel } from './chats.ts';
import type { Library } from './library.ts';
import { keyOfWire, type MsgModel, toOutgoing } from './messages.ts';
import type { PageStorage } from './storage.ts';

/** How a send ended, in the words of the page. */
export interface SendResult {
  readonly messageSendResult: 'OK' | 'ERROR_UNKNOWN';
  readonly t?: number;
}

interface Parts {
  readonly storage: PageStorage;
  readonly library: Library;
  readonly send: (frame: ClientFrame) => boolean;
  /** A fault: messages leave before they are stored. */
  readonly sendsBeforeStore: () => boolean;
  /** Unless a fault says otherwise: what waits is offered again on a new connection. */
  readonly resends: () => boolean;
}

const toFrame = ({ id, chat, t, content, quote, mentions, forwarded }: Outgoing): ClientFrame => ({
  t: 'send',
  message: { id, chat, t, content, quote, mentions, forwarded },
});

/**
 * The page's own queue of unsent messages.
 *
 * Promises: a stored message is offered to the server until the server answers, in order, across reconnects
 * and restarts of the page, always under its id. Assumes that the real page does likewise.
 */
export class Outbox {
  readonly #parts: Parts;
  readonly #results = new Map<string, (result: SendResult) => void>();
  readonly #offered = new Set<string>();
  /** Null while there is no connection; fulfilled when everything older has been offered on it. */
  #opening: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes over a composed message: the first promise is fulfilled once the page has it, the second once it left. */
  add(
    chat: ChatModel,
    composed: Readonly<Record<string, unknown>>,
  ): [Promise<MsgModel>, Promise<SendResult>] {
    const outgoing = toOutgoing(composed);
    const message: WireMessage = {
      ...outgoing,
      fromMe: true,
      author: this.#parts.library.me.jid,
      ack: 0,
    };
    const result = new Promise<SendResult>((resolve) => {
      this.#results.set(keyOfWire(message).toString(), resolve);
    });
    return [this.#insert(chat, message), result];
  }

  /** The server knows us: everything unsent goes out again, before anything new. */
  open(): Promise<void> {
    this.#offered.clear();
    this.#opening = this.#parts.storage.outbox().then((waiting) => {
      if (this.#parts.resends()) for (const message of waiting) this.#offer(message);
    });
    return this.#opening;
  }

  close(): void {
    this.#opening = null;
  }

  /** The server has (or refused) a message: it is not offered again. */
  async settle(message: Pick<WireMessage, 'chat' | 'id'>, ack: Ack, at: number): Promise<void> {
    const { library, storage } = this.#parts;
    const stored = await storage.message(message.chat, message.id);
    if (stored === undefined) return;
    await storage.write({ unqueue: [message] });
    if (ack < 0 || ack > stored.ack) {
      await storage.change(message.chat, message.id, (known) => ({ ...known, ack }));
      library.msgs.get(keyOfWire(stored))?.set({ ack });
    }
    const key = keyOfWire(stored).toString();
    this.#results.get(key)?.(
      ack < 0 ? { messageSendResult: 'ERROR_UNKNOWN' } : { messageSendResult: 'OK', t: at },
    );
    this.#results.delete(key);
  }

  async #insert(chat: ChatModel, message: WireMessage): Promise<MsgModel> {
    const { library, sendsBeforeStore, storage } = this.#parts;
    this.#offered.delete(keyOfWire(message).toString());
    if (sendsBeforeStore() && this.#opening !== null) this.#offer(message);
    const known = await storage.message(message.chat, message.id);
    await storage.write({
      // A second copy of an id goes out again, and does not undo what is known of the first.
      messages: known === undefined ? [message] : [],
      queue: [message],
      chats: [{ ...library.toWireChat(chat), t: message.t }],
    });
    const model = library.showMessage(message, true);
    await this.#opening;
    if (this.#opening !== null) this.#offer(message);
    return model;
  }

  /** Once per connection and copy: the queue and a fresh message may meet. */
  #offer(message: WireMessage): void {
    const key = keyOfWire(message).toString();
    if (this.#offered.has(key)) return;
    this.#offered.add(key);
    this.#parts.send(toFrame(message));
  }
}
