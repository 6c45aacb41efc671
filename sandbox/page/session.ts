import type { BootConfig, ClientFrame, History, Registration, ServerFrame } from '../src/wire.ts';
import { applyFeedItem } from './feed.ts';
import { encodeB64, makeKeys, toLinkKeys } from './keys.ts';
import { Library } from './library.ts';
import { Line } from './line.ts';
import { Outbox } from './outbox.ts';
import type { PageFaults } from './page-faults.ts';
import { Requests } from './requests.ts';
import { ConnModel, SocketModel } from './socket-model.ts';
import type { PageStorage } from './storage.ts';

/** Kept for a year, so that faults find a linked page before its program runs. */
const COOKIE_SECONDS = 365 * 24 * 60 * 60;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The page's life: not linked, linked, disconnected, thrown out. Frames are handled one after the other, so that
 * what the database has and what memory shows never disagree about the order.
 */
export class Session {
  readonly socket = new SocketModel();
  readonly conn = new ConnModel();
  readonly keys = makeKeys();
  readonly requests: Requests;
  readonly library: Library;
  readonly outbox: Outbox;
  /** How the page names itself when it is linked; the library may replace the function behind it. */
  browserName: () => string = () => 'Chrome (Linux)';
  readonly #storage: PageStorage;
  readonly #faults: PageFaults;
  readonly #boot: BootConfig;
  readonly #line: Line;
  #registration: Registration | null = null;
  #backlog = { total: 0, done: 0 };
  #wasConnected = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(storage: PageStorage, faults: PageFaults, boot: BootConfig) {
    this.#storage = storage;
    this.#faults = faults;
    this.#boot = boot;
    this.#line = new Line(boot.timing, {
      onOpen: () => this.#hello(),
      onFrame: (frame) => this.#enqueue(frame),
      onLost: (cause) => this.#lost(cause),
      onTimeout: () => this.socket.set({ state: 'TIMEOUT' }),
    });
    const send = (frame: ClientFrame) => this.#line.send(frame);
    this.requests = new Requests(send);
    this.library = new Library(
      storage,
      async (wid) =>
        wid.isGroup() === false && (await this.requests.ask({ kind: 'exists', jid: `${wid}` })) !== null,
    );
    this.outbox = new Outbox({
      storage,
      library: this.library,
      send,
      sendsBeforeStore: () => faults.has('send-before-store'),
      resends: () => !faults.has('no-resend'),
    });
    this.socket.obey({
      takeover: () => this.#open(),
      reconnect: () => this.#open(),
      logout: () => this.#logOut(),
    });
  }

  /** Brings up what the profile has, and connects. */
  async start(): Promise<void> {
    await this.#storage.open();
    this.#registration = await this.#storage.registration();
    if (this.#registration === null) await this.#storage.wipe();
    else {
      this.#setMe(this.#registration);
      await this.library.load();
    }
    this.#open();
  }

  /** Sends a frame that nothing waits for. */
  report(frame: ClientFrame): boolean {
    return this.#line.send(frame);
  }

  /** Percent of the offline backlog that has been taken in. */
  offlineProgress(): number {
    return this.#backlog.total === 0 ? 100 : Math.floor((100 * this.#backlog.done) / this.#backlog.total);
  }

  refreshRefs(): void {
    this.#line.send({ t: 'refresh-refs' });
  }

  #open(): void {
    this.outbox.close();
    this.socket.set({ state: 'OPENING' });
    this.#line.connect();
  }

  #setMe(registration: Registration): void {
    this.library.setMe(registration.me);
    this.conn.set({ pushname: registration.me.name, platform: registration.me.phonePlatform });
  }

  #hello(): void {
    const registration = this.#registration;
    this.#line.send({
      t: 'hello',
      registration: registration && { device: registration.device, token: registration.token },
      keys: toLinkKeys(this.keys),
      browser: this.browserName(),
    });
  }

  #lost(cause: 'closed' | 'silent'): void {
    this.outbox.close();
    this.requests.abandon();
    // Silence is noticed late, so the page calls it a timeout at once; a closed socket is only reopened.
    if (cause === 'silent') this.socket.set({ state: 'TIMEOUT' });
    else if (this.socket.state !== 'TIMEOUT') this.socket.set({ state: 'OPENING' });
  }

  #enqueue(frame: ServerFrame): void {
    // An answer may be what the frame in hand waits for, and a pong must not wait behind a long backlog.
    if (frame.t === 'answer') this.requests.answer(frame);
    else if (frame.t === 'pong') this.#line.answered();
    else if (frame.t === 'fault') this.#faults.begin(frame.fault);
    else this.#queue = this.#queue.then(() => this.#handle(frame)).catch((error) => console.error(error));
  }

  async #handle(frame: Exclude<ServerFrame, { t: 'answer' | 'pong' | 'fault' }>): Promise<void> {
    switch (frame.t) {
      case 'ref':
        this.#line.established();
        this.conn.set({ ref: frame.ref });
        this.socket.set({ state: 'UNPAIRED' });
        return;
      case 'refs-exhausted':
        this.socket.set({ state: 'UNPAIRED_IDLE' });
        return;
      case 'paired':
        await this.#paired(frame.registration);
        return;
      case 'welcome':
        await this.#welcomed(frame);
        return;
      case 'feed':
        await this.#takeIn(frame);
        return;
      case 'backlog-done':
        await this.#synced();
        return;
      case 'sent':
        await this.outbox.settle(frame, frame.ack, frame.at);
        return;
      case 'refused':
        await this.outbox.settle(frame, -1, 0);
        return;
      case 'logged-out':
        await this.#thrownOut();
        return;
      case 'block':
        this.#line.stop();
        this.outbox.close();
        this.socket.set({ state: frame.state });
    }
  }

  async #paired(registration: Registration): Promise<void> {
    this.socket.set({ state: 'PAIRING' });
    await this.#storage.register(registration);
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API has no synchronous answer before a reload
    document.cookie = `sandbox_device=${registration.device}; Secure; SameSite=Lax; Max-Age=${COOKIE_SECONDS}`;
    this.#registration = registration;
    this.#setMe(registration);
    this.#open();
  }

  async #welcomed(frame: Extract<ServerFrame, { t: 'welcome' }>): Promise<void> {
    this.#line.established();
    for (const fault of frame.faults) this.#faults.begin(fault);
    if (frame.history !== null) await this.#takeHistory(frame.history);
    this.#backlog = { total: frame.backlog, done: 0 };
    await this.outbox.open();
    this.#wasConnected = true;
    this.socket.set({ state: 'CONNECTED' });
    if (this.#faults.has('early-ready')) this.socket.set({ hasSynced: true });
  }

  async #takeHistory({ chats, contacts, groups, messages }: History): Promise<void> {
    await this.#storage.write({ chats, contacts, groups, messages });
    this.library.addContacts(contacts);
    for (const group of groups) this.library.addGroup(group);
    for (const chat of chats) await this.library.addChat(chat);
  }

  async #takeIn({ entries, backlog }: Extract<ServerFrame, { t: 'feed' }>): Promise<void> {
    for (const { item } of entries) {
      await applyFeedItem({ storage: this.#storage, library: this.library, outbox: this.outbox }, item);
    }
    const last = entries.at(-1);
    if (last !== undefined) this.#line.send({ t: 'feed-seen', seq: last.seq });
    if (!backlog) return;
    this.#backlog.done += entries.length;
    this.library.cmd.trigger('offline_progress_update_from_bridge');
  }

  async #synced(): Promise<void> {
    this.#backlog.done = this.#backlog.total;
    this.library.cmd.trigger('offline_progress_update_from_bridge');
    if (this.socket.hasSynced || this.#faults.has('never-ready')) return;
    // Not awaited: frames that come meanwhile must not wait for it.
    void Promise.all([pause(this.#boot.timing.syncMs), this.#faults.untilSyncAllowed()]).then(() => {
      // Thrown out meanwhile: the next welcome begins anew.
      if (this.socket.state !== 'CONNECTED' || this.#faults.has('never-ready')) return;
      this.library.cmd.trigger('offline_progress_update_from_bridge');
      this.socket.set({ hasSynced: true });
    });
  }

  async #logOut(): Promise<void> {
    await this.requests.ask({ kind: 'logout' });
    this.#line.stop();
    await this.#forget();
  }

  /** The phone unlinked this device. */
  async #thrownOut(): Promise<void> {
    this.#line.stop();
    await this.#forget();
    if (!this.#wasConnected) {
      // Nothing was shown yet, so there is nothing to leave: the page offers itself for linking at once.
      this.#registration = null;
      this.#open();
      return;
    }
    this.library.cmd.trigger('logout');
    await pause(100);
    location.assign('/?post_logout=1');
  }

  async #forget(): Promise<void> {
    await this.#storage.wipe();
    // biome-ignore lint/suspicious/noDocumentCookie: see above
    document.cookie = 'sandbox_device=; Secure; SameSite=Lax; Max-Age=0';
  }
}

export { encodeB64 };
