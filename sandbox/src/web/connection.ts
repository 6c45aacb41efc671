import type { WebSocket } from 'ws';
import { SandboxError } from '../errors.ts';
import type { OriginatedEntry } from '../store/feed.ts';
import type { ClientFrame, FeedEntry, LinkKeys, ServerFrame, Touched } from '../wire.ts';
import { linkRef } from '../world/ids.ts';
import type { LinkOffer } from '../world/linking.ts';
import type { World } from '../world/world.ts';
import { answerQuery } from './answer-query.ts';
import { LagLine, type LineState } from './lag-line.ts';

/** How many feed entries go into one frame. */
const FEED_BATCH = 100;

/** Where a connection stands; only `#become` changes it. */
export type ConnectionState =
  /** Open, and has not said hello. */
  | { readonly kind: 'new' }
  /** Not linked: shows a QR code. */
  | {
      readonly kind: 'offering';
      readonly offer: LinkOffer;
      readonly refsGiven: number;
      readonly browser: string;
    }
  /** Speaks for a linked device. */
  | { readonly kind: 'linked'; readonly account: string; readonly device: string }
  /** Ended by either side. */
  | { readonly kind: 'closed' };

/** What a connection needs of the hub that owns it. */
export interface ConnectionHost {
  readonly world: World;
  /** A pairing code for this page, to be entered on the phone of that number. */
  readonly issueCode: (connection: Connection, phone: string) => string;
  /** The connection now speaks for this device: any older one for it has lost. */
  readonly onLinked: (connection: Connection) => void;
  readonly onTouched: (connection: Connection, touched: Touched) => void;
  readonly onClosed: (connection: Connection) => void;
  /** It stands elsewhere now than in this state. */
  readonly onLeft: (connection: Connection, left: ConnectionState) => void;
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** One page's socket: answers its frames, serves it the account's feed, rotates its QR code. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #host: ConnectionHost;
  readonly #incoming: LagLine<string>;
  readonly #outgoing: LagLine<ServerFrame>;
  #state: ConnectionState = { kind: 'new' };
  #refTimer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#incoming = new LagLine(
      () => this.#line(),
      (text) => this.#receive(text),
    );
    this.#outgoing = new LagLine(
      () => this.#line(),
      (frame) => {
        if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
      },
    );
    socket.on('message', (data) => this.#incoming.push(String(data)));
    socket.on('close', () => this.#end());
    socket.on('error', (error) => host.log('socket error', { error: error.message }));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  send(frame: ServerFrame): void {
    this.#outgoing.push(frame);
  }

  /** Cuts the connection without a farewell. */
  drop(): void {
    this.#socket.terminate();
  }

  /** Tells the page why, then closes. */
  dismiss(frame: ServerFrame): void {
    this.#socket.send(JSON.stringify(frame));
    this.#socket.close();
    this.#end();
  }

  /** Links the page that shows the offer to an account. */
  pair(account: string): void {
    if (this.#state.kind !== 'offering')
      throw new SandboxError('QR_EXPIRED', 'the page shows no code any more');
    const { accounts, feed, people } = this.#host.world;
    const { browser } = this.#state;
    const device = accounts.link(account, browser, feed.end(account), this.#host.world.now());
    clearTimeout(this.#refTimer);
    this.#host.log('device linked', { account, device: device.id, browser });
    this.send({
      t: 'paired',
      registration: { device: device.id, token: device.token, me: people.me(account) },
    });
  }

  /** Passes on one entry of the feed of its account, unless its own device caused it. */
  forward(entry: OriginatedEntry): void {
    this.#sendFeed([entry], false);
  }

  #line(): LineState {
    const account = this.#state.kind === 'linked' ? this.#state.account : null;
    const { faults } = this.#host.world;
    if (faults.find(account, 'blackhole-socket') !== undefined) return { kind: 'blackhole' };
    const slow = faults.find(account, 'slow-socket');
    return slow === undefined ? { kind: 'open' } : { kind: 'slow', ms: slow.ms };
  }

  #become(state: ConnectionState): void {
    const left = this.#state;
    this.#state = state;
    clearTimeout(this.#refTimer);
    this.#host.onLeft(this, left);
  }

  #end(): void {
    if (this.#state.kind === 'closed') return;
    this.#incoming.stop();
    this.#outgoing.stop();
    this.#become({ kind: 'closed' });
    this.#host.onClosed(this);
  }

  #receive(text: string): void {
    // The page is ours: a frame that cannot be handled means a broken page, and ends its connection only.
    try {
      this.#handle(JSON.parse(text) as ClientFrame);
    } catch (error) {
      this.#host.log('frame failed', { error: error instanceof Error ? error.stack : String(error) });
      this.drop();
    }
  }

  #handle(frame: ClientFrame): void {
    switch (frame.t) {
      case 'hello':
        this.#greet(frame);
        return;
      case 'refresh-refs':
        if (this.#state.kind === 'offering') this.#offer(this.#state.offer.keys, this.#state.browser, 0);
        return;
      case 'ping':
        this.send({ t: 'pong', n: frame.n });
        return;
      case 'touched':
        this.#host.onTouched(this, frame.touched);
        return;
      case 'query':
        this.#answer(frame);
        return;
      case 'send':
        this.#submit(frame);
        return;
      case 'feed-seen':
        if (this.#state.kind === 'linked') {
          this.#host.world.traffic.received(this.#state.account, this.#state.device, frame.seq);
        }
    }
  }

  #greet({ registration, keys, browser }: Extract<ClientFrame, { t: 'hello' }>): void {
    if (registration === null) {
      this.#offer(keys, browser, 0);
      return;
    }
    const { accounts, faults } = this.#host.world;
    const device = accounts.device(registration.device);
    if (device === undefined || device.token !== registration.token || device.unlinkedAt !== null) {
      this.dismiss({ t: 'logged-out' });
      return;
    }
    if (faults.find(device.account, 'refuse-socket') !== undefined) {
      this.drop();
      return;
    }
    this.#become({ kind: 'linked', account: device.account, device: device.id });
    this.#host.onLinked(this);
    this.#welcome(device);
  }

  #welcome(device: {
    readonly id: string;
    readonly account: string;
    readonly cursor: number;
    readonly historySent: boolean;
  }): void {
    const { accounts, faults, feed, people } = this.#host.world;
    const history = device.historySent ? null : people.history(device.account);
    if (history !== null) accounts.markHistorySent(device.id);
    this.send({
      t: 'welcome',
      me: people.me(device.account),
      history,
      backlog: feed.end(device.account) - device.cursor,
      faults: faults.pageFaults(device.account),
    });
    let cursor = device.cursor;
    for (;;) {
      const entries = feed.after(device.account, cursor, FEED_BATCH);
      const last = entries.at(-1);
      if (last === undefined) break;
      this.#sendFeed(entries, true);
      cursor = last.seq;
    }
    this.send({ t: 'backlog-done' });
  }

  #sendFeed(entries: readonly OriginatedEntry[], backlog: boolean): void {
    const device = this.#state.kind === 'linked' ? this.#state.device : null;
    const foreign: readonly FeedEntry[] = entries
      .filter(({ origin }) => origin === null || origin !== device)
      .map(({ seq, item }) => ({ seq, item }));
    if (foreign.length > 0) this.send({ t: 'feed', entries: foreign, backlog });
  }

  #offer(keys: LinkKeys, browser: string, refsGiven: number): void {
    const timing = this.#host.world.timing();
    if (refsGiven >= timing.qrRefs) {
      this.#become({ kind: 'offering', offer: { keys, ref: null }, refsGiven, browser });
      this.send({ t: 'refs-exhausted' });
      return;
    }
    const ref = linkRef(this.#host.world.random);
    this.#become({ kind: 'offering', offer: { keys, ref }, refsGiven: refsGiven + 1, browser });
    this.send({ t: 'ref', ref });
    this.#refTimer = setTimeout(
      () => this.#offer(keys, browser, refsGiven + 1),
      refsGiven === 0 ? timing.qrFirstMs : timing.qrNextMs,
    );
  }

  #submit({ message }: Extract<ClientFrame, { t: 'send' }>): void {
    if (this.#state.kind !== 'linked') return;
    const { account, device } = this.#state;
    const decision = this.#host.world.traffic.submit(account, device, message);
    switch (decision.kind) {
      case 'refuse':
        this.send({ t: 'refused', id: message.id, chat: message.chat, code: decision.code });
        return;
      case 'deduplicate':
      case 'deliver-again':
        if (!this.#host.world.faults.ackFaults(account).withheld.includes(1)) this.#confirm(message, account);
        return;
      case 'accept':
        return;
    }
  }

  /** Tells the page that the server has its message: the first answer may have been lost. */
  #confirm({ chat, id }: { readonly chat: string; readonly id: string }, account: string): void {
    const { messages, now } = this.#host.world;
    messages.raiseAck(account, chat, id, 1, false);
    this.send({ t: 'sent', id, chat, ack: messages.get(account, chat, id).ack, at: now() });
  }

  #answer({ q, query }: Extract<ClientFrame, { t: 'query' }>): void {
    try {
      const value = answerQuery(this, this.#host, query);
      this.send({ t: 'answer', q, ok: true, value });
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      this.send({ t: 'answer', q, ok: false, code: error.code });
    }
  }
}
