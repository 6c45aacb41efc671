import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { SandboxError } from '../errors.ts';
import type { MomentaryFault, StandingPageFault } from '../faults/fault.ts';
import { type OnMark, unwatched } from '../live/mark.ts';
import { seededRandom } from '../random.ts';
import type { OriginatedEntry } from '../store/feed.ts';
import type { Ack, Jid, PageFault, Touched } from '../wire.ts';
import { checkedNumber, pairingCode } from '../world/ids.ts';
import { matchScan, qrText } from '../world/linking.ts';
import type { World } from '../world/world.ts';
import { Connection, type ConnectionHost, type ConnectionState } from './connection.ts';
import { TouchLog } from './touch-log.ts';

/** A page that waits to be linked. */
export interface PendingLink {
  /** The text of its QR code; null when its refs have run out. */
  readonly qr: string | null;
  /** The pairing code that it asked for, and the number it named. */
  readonly code: { readonly code: string; readonly phone: string } | null;
  readonly browser: string;
}

/**
 * All sockets. Finds pages by account, by device, by QR code and by pairing code; a device has one connection,
 * and a newer one pushes the older out with CONFLICT.
 */
export class Hub {
  readonly touches = new TouchLog();
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 });
  readonly #connections = new Set<Connection>();
  readonly #linked = new Map<string, Set<Connection>>();
  readonly #codes = new Map<string, { readonly connection: Connection; readonly phone: string }>();
  readonly #codeTimers = new Set<NodeJS.Timeout>();
  readonly #seed: string;
  readonly #log: ConnectionHost['log'];
  readonly #onMark: OnMark;
  #world: World | undefined;

  constructor(seed: string, log: ConnectionHost['log'], onMark: OnMark = unwatched) {
    this.#seed = seed;
    this.#log = log;
    this.#onMark = onMark;
  }

  /** The world and the hub need each other; the hub is told last. */
  attach(world: World): void {
    this.#world = world;
  }

  /** Takes over a socket that an HTTP server is upgrading. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#welcome(webSocket));
  }

  pending(): readonly PendingLink[] {
    return [...this.#connections].flatMap((connection) => {
      if (connection.state.kind !== 'offering') return [];
      const code = [...this.#codes].find(([, issued]) => issued.connection === connection);
      return [
        {
          qr: qrText(connection.state.offer),
          code: code === undefined ? null : { code: code[0], phone: code[1].phone },
          browser: connection.state.browser,
        },
      ];
    });
  }

  /** The phone of an account scans a QR code. */
  scan(account: string, qr: string): void {
    this.#need().accounts.get(account);
    const showing = [...this.#connections].flatMap((connection) =>
      connection.state.kind === 'offering' ? [{ connection, offer: connection.state.offer }] : [],
    );
    const scan = matchScan(
      qr,
      showing.map(({ offer }) => offer),
    );
    switch (scan.kind) {
      case 'malformed':
        throw new SandboxError('QR_MALFORMED', 'this is not the text of a WhatsApp QR code');
      case 'expired':
        throw new SandboxError('QR_EXPIRED', 'no page shows this QR code now');
      case 'keys-differ':
        throw new SandboxError('QR_KEYS_DIFFER', 'the page that shows this ref has other keys');
      case 'match':
        showing[scan.index]?.connection.pair(account);
    }
  }

  /** The phone of an account enters a pairing code. */
  enterCode(account: string, code: string): void {
    const normal = code.replaceAll(/[\s-]/g, '').toUpperCase();
    const issued = this.#codes.get(normal);
    if (issued === undefined || issued.phone !== account) {
      throw new SandboxError('CODE_UNKNOWN', `no page waits for the code "${code}" from ${account}`);
    }
    this.#need().accounts.get(account);
    this.#codes.delete(normal);
    issued.connection.pair(account);
  }

  /** Unlinks one device (or with null all of them) and tells the pages that are there. */
  unlink(account: string, device: string | null): void {
    const world = this.#need();
    const known = world.accounts.devices(account).filter(({ id }) => device === null || id === device);
    if (device !== null && known.length === 0) {
      throw new SandboxError('DEVICE_UNKNOWN', `account ${account} has no device ${device}`);
    }
    for (const { id } of known) {
      world.accounts.unlink(id, world.now());
      this.#ofDevice(id)?.dismiss({ t: 'logged-out' });
    }
  }

  isConnected(device: string): boolean {
    return this.#ofDevice(device) !== undefined;
  }

  /** Tells the pages of an account (null: all) of a fault that they have to play from now on. */
  announce(account: string | null, fault: StandingPageFault): void {
    for (const connection of this.#ofAccount(account)) connection.send({ t: 'fault', fault });
  }

  /** Plays a fault that happens once, on every page of the account (null: all) that is connected. */
  strike(account: string | null, fault: MomentaryFault): void {
    if (fault.kind === 'logout') {
      const accounts =
        account === null
          ? this.#need()
              .accounts.list()
              .map(({ number }) => number)
          : [account];
      for (const number of accounts) this.unlink(number, null);
      return;
    }
    for (const connection of this.#ofAccount(account)) this.#strikeOne(connection, fault);
  }

  onFeed(account: string, entry: OriginatedEntry): void {
    for (const connection of this.#ofAccount(account)) connection.forward(entry);
  }

  onSent(account: string, chat: Jid, id: string, ack: Ack): void {
    const at = this.#need().now();
    for (const connection of this.#ofAccount(account)) connection.send({ t: 'sent', id, chat, ack, at });
  }

  stop(): void {
    for (const timer of this.#codeTimers) clearTimeout(timer);
    for (const connection of this.#connections) connection.drop();
    this.#server.close();
  }

  #need(): World {
    if (this.#world === undefined) throw new SandboxError('INTERNAL', 'the hub has no world yet');
    return this.#world;
  }

  #welcome(socket: WebSocket): void {
    const world = this.#need();
    const connection = new Connection(socket, {
      world,
      issueCode: (asking, phone) => this.#issueCode(asking, phone),
      onLinked: (linked) => this.#displaceOlder(linked),
      onLeft: ({ state }, left) => this.#markBoth(left, state),
      onTouched: (source, touched) => this.#touched(source, touched),
      onClosed: (closed) => {
        this.#connections.delete(closed);
        for (const connections of this.#linked.values()) connections.delete(closed);
        for (const [code, issued] of this.#codes) if (issued.connection === closed) this.#codes.delete(code);
      },
      log: this.#log,
    });
    this.#connections.add(connection);
  }

  #touched(source: Connection, touched: Touched): void {
    this.touches.add(source.state.kind === 'linked' ? source.state.account : null, touched);
  }

  /** Whoever watches has to look at both places: the one that a connection left and the one where it stands. */
  #markBoth(...states: readonly ConnectionState[]): void {
    for (const state of states) {
      if (state.kind === 'offering') this.#onMark({ kind: 'links' });
      if (state.kind === 'linked') this.#onMark({ kind: 'account', number: state.account });
    }
  }

  /** The code depends on the seed and the number alone, so that a test or a demo knows it beforehand. */
  #issueCode(connection: Connection, phone: string): string {
    const world = this.#need();
    const number = checkedNumber(phone);
    const code = pairingCode(seededRandom(`${this.#seed} pairing ${number}`));
    this.#codes.set(code, { connection, phone: number });
    this.#onMark({ kind: 'links' });
    if (world.accounts.find(number)?.autoLink === true) {
      const timer = setTimeout(() => {
        this.#codeTimers.delete(timer);
        if (this.#codes.get(code)?.connection === connection) this.enterCode(number, code);
      }, world.timing().autoLinkMs);
      this.#codeTimers.add(timer);
    }
    return code;
  }

  #displaceOlder(newer: Connection): void {
    if (newer.state.kind !== 'linked') return;
    const { account, device } = newer.state;
    for (const connection of this.#ofAccount(account)) {
      const { state } = connection;
      if (connection !== newer && state.kind === 'linked' && state.device === device) {
        connection.dismiss({ t: 'block', state: 'CONFLICT' });
      }
    }
    this.#linked.set(account, (this.#linked.get(account) ?? new Set()).add(newer));
  }

  #strikeOne(connection: Connection, fault: Exclude<MomentaryFault, { kind: 'logout' }>): void {
    switch (fault.kind) {
      case 'drop-socket':
        connection.drop();
        return;
      case 'block':
        connection.dismiss({ t: 'block', state: fault.state });
        return;
      default:
        connection.send({ t: 'fault', fault: fault satisfies PageFault });
    }
  }

  #ofDevice(device: string): Connection | undefined {
    return [...this.#connections].find(({ state }) => state.kind === 'linked' && state.device === device);
  }

  /** The connections of an account's devices; with null those of all pages. */
  #ofAccount(account: string | null): readonly Connection[] {
    return [...(account === null ? this.#connections : (this.#linked.get(account) ?? []))];
  }
}
