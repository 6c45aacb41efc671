import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Ack, ClientFrame, Registration, ServerFrame } from '../../sandbox/src/wire.ts';

/** What a linked device tells its owner. */
export interface DeviceListener {
  /** One of its messages has reached this ack; 1 comes first. */
  readonly onAck?: (id: string, ack: Ack) => void;
}

const KEYS = { staticKey: 'bench', identityKey: 'bench', advSecret: 'bench', platform: '1' };

/**
 * A linked device without a browser: speaks the page's frames over the page's socket, acknowledges what it is told
 * and pings, so that the server has the work that it has with a page.
 */
export class Device {
  readonly account: string;
  readonly #socket: WebSocket;
  readonly #pings: NodeJS.Timeout;

  private constructor(account: string, socket: WebSocket, keepaliveMs: number) {
    this.account = account;
    this.#socket = socket;
    let pings = 0;
    this.#pings = setInterval(() => this.#send({ t: 'ping', n: ++pings }), keepaliveMs);
  }

  /** Links a device to an account that enters pairing codes by itself, and connects it. */
  static async link(
    webPort: number,
    account: string,
    keepaliveMs: number,
    listener: DeviceListener = {},
  ): Promise<Device> {
    const registration = await pair(webPort, account);
    const socket = await open(webPort);
    const device = new Device(account, socket, keepaliveMs);
    const synced = new Promise<void>((resolve, reject) => {
      socket.on('message', (data) => device.#receive(parse(data), listener, resolve));
      socket.once('close', () => reject(new Error(`the server closed the line of ${account}`)));
    });
    const { device: id, token } = registration;
    device.#send({ t: 'hello', registration: { device: id, token }, keys: KEYS, browser: 'bench' });
    await synced;
    return device;
  }

  send(id: string, chat: string, body: string): void {
    const t = Math.floor(Date.now() / 1000);
    this.#send({ t: 'send', message: { id, chat, t, content: { kind: 'text', body } } });
  }

  async close(): Promise<void> {
    clearInterval(this.#pings);
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #send(frame: ClientFrame): void {
    this.#socket.send(JSON.stringify(frame));
  }

  #receive(frame: ServerFrame, { onAck }: DeviceListener, onSynced: () => void): void {
    if (frame.t === 'backlog-done') onSynced();
    if (frame.t === 'sent') onAck?.(frame.id, frame.ack);
    if (frame.t !== 'feed') return;
    for (const { item } of frame.entries) if (item.kind === 'receipt') onAck?.(item.id, item.ack);
    const last = frame.entries.at(-1);
    if (last !== undefined) this.#send({ t: 'feed-seen', seq: last.seq });
  }
}

const parse = (data: WebSocket.RawData): ServerFrame => JSON.parse(String(data)) as ServerFrame;

/** The sandbox's certificate is its own, and this machine's loopback needs no proof. */
async function open(webPort: number): Promise<WebSocket> {
  const socket = new WebSocket(`wss://127.0.0.1:${webPort}/ws`, { rejectUnauthorized: false });
  await once(socket, 'open');
  return socket;
}

async function pair(webPort: number, phone: string): Promise<Registration> {
  const socket = await open(webPort);
  const say = (frame: ClientFrame) => socket.send(JSON.stringify(frame));
  const paired = new Promise<Registration>((resolve, reject) => {
    socket.on('message', (data) => {
      const frame = parse(data);
      if (frame.t === 'paired') resolve(frame.registration);
    });
    socket.once('close', () => reject(new Error(`the server closed the line while ${phone} was linked`)));
  });
  say({ t: 'hello', registration: null, keys: KEYS, browser: 'bench' });
  say({ t: 'query', q: 1, query: { kind: 'request-code', phone } });
  const registration = await paired;
  socket.close();
  return registration;
}
