import type { SessionState, Transition, TransitionReason } from '@whatsapp-operator/api/session';
import type {
  Ack,
  Engine,
  EngineListener,
  EngineSnapshot,
  LookupResult,
  MessageKey,
  OutboundMessage,
  SendOutcome,
} from '../../engine/engine.ts';
import { silentInbound } from '../../engine/testing/silent-inbound.ts';

/** What the next call of `send` does, in the page and to its caller. */
export type SendScript =
  /** Stored, and told so. */
  | 'insert'
  /** Stored, and the caller hears of it only as a timeout, a rejection or nothing. */
  | 'insert_untold'
  | 'insert_no_result'
  /** Not stored, and nothing proven. */
  | 'lose'
  | 'lose_no_result'
  /** It left, and the page lost it before it was stored: the gap that cannot be closed. */
  | 'leave_unstored'
  | 'refuse'
  | 'not_begun'
  /** The page stores it and gives up on it. */
  | 'insert_error'
  /** Never answers; stored or not. */
  | 'hang_inserted'
  | 'hang_lost';

interface PageMessage {
  ack: Ack;
  readonly chatId: string;
}

/** WhatsApp's side, which outlives pages and processes. */
export class World {
  /** What the page's database holds: survives the process. */
  readonly stored = new Map<string, PageMessage>();
  /** How often each id reached the server. */
  readonly arrivals = new Map<string, number>();
  readonly unregistered = new Set<string>();
  /** Every handover, in order. */
  readonly handovers: string[] = [];

  arrive(id: string): void {
    this.arrivals.set(id, (this.arrivals.get(id) ?? 0) + 1);
  }
}

/** An engine that does what a test says, to produce faults on demand. */
export class ScriptedEngine implements Engine {
  readonly inbound = silentInbound;
  readonly world: World;
  readonly nudges: string[] = [];
  /** Taken from the front; empty means `insert`. */
  readonly script: SendScript[] = [];
  lookups = 0;
  lookupsFail = false;
  accountId = '5511900000000@c.us';
  /** The process that this engine belongs to is gone: nothing is answered and nothing happens any more. */
  dead = false;
  /** Called as a message is handed over, before anything happens to it. */
  onSend: ((message: OutboundMessage) => void) | undefined;
  readonly #now: () => number;
  readonly #listeners = new Set<EngineListener>();
  #state: SessionState = 'Starting';
  #connectedSince: number | undefined;
  #last: Transition;

  constructor(now: () => number, world = new World()) {
    this.#now = now;
    this.world = world;
    this.#last = { from: 'Stopped', to: 'Starting', reason: 'started', detail: '', at: now() };
  }

  get snapshot(): EngineSnapshot {
    return {
      state: this.#state,
      lastTransition: this.#last,
      connectedSince: this.#connectedSince,
      account: { id: this.accountId, name: undefined, platform: undefined },
      registrationDurable: true,
      pairing: undefined,
      live: true,
      versions: { engine: 'scripted', browser: undefined, whatsappWeb: undefined },
    };
  }

  move(to: SessionState, reason: TransitionReason = 'progress'): void {
    if (to === this.#state) return;
    this.#last = { from: this.#state, to, reason, detail: '', at: this.#now() };
    this.#state = to;
    this.#connectedSince = to === 'Connected' ? this.#now() : undefined;
    for (const listener of this.#listeners) listener.transition?.(this.#last);
  }

  connect(): void {
    this.move('Connected');
  }

  /** The page is loaded anew; what only its memory had is gone. */
  reload(lost: (id: string) => boolean = () => false): void {
    this.move('Starting', 'renderer_crashed');
    for (const [id, { ack }] of this.world.stored) if (ack <= 0 && lost(id)) this.world.stored.delete(id);
  }

  /** What the page still has leaves; its acknowledgement is told or lost. */
  deliver(ack: Exclude<Ack, -1 | 0>, told: boolean): void {
    for (const [id, message] of this.world.stored) {
      if (message.ack === -1) continue;
      if (message.ack === 0) this.world.arrive(id);
      if (message.ack >= ack) continue;
      message.ack = ack;
      if (told) this.hint(message.chatId, id, ack);
    }
  }

  hint(chatId: string, id: string, ack: Ack): void {
    for (const listener of this.#listeners) listener.ack?.(`true_${chatId}_${id}`, ack);
  }

  send(message: OutboundMessage): Promise<SendOutcome> {
    if (!this.dead) this.onSend?.(message);
    if (this.dead) return new Promise(() => undefined);
    if (this.#state !== 'Connected') {
      return Promise.resolve({ kind: 'not_begun', detail: `the session is ${this.#state}` });
    }
    const script = this.script.shift() ?? 'insert';
    this.world.handovers.push(message.id);
    return this.#play(script, message);
  }

  #play(script: SendScript, { chatId, id }: OutboundMessage): Promise<SendOutcome> {
    const store = (ack: Ack) => this.world.stored.set(id, { ack, chatId });
    switch (script) {
      case 'insert':
        store(0);
        return Promise.resolve({ kind: 'inserted', ack: 0 });
      case 'insert_error':
        store(-1);
        return Promise.resolve({ kind: 'inserted', ack: -1 });
      case 'insert_untold':
        store(0);
        return ambiguous('rejected');
      case 'insert_no_result':
        store(0);
        return ambiguous('no_result');
      case 'hang_inserted':
        store(0);
        return new Promise(() => undefined);
      case 'hang_lost':
        return new Promise(() => undefined);
      case 'lose':
        return ambiguous('timeout');
      case 'lose_no_result':
        return ambiguous('no_result');
      case 'leave_unstored':
        this.world.arrive(id);
        return ambiguous('engine_lost');
      case 'refuse':
        return Promise.resolve({
          kind: 'refused',
          code: 'not_a_member',
          detail: 'the account has left the group',
        });
      case 'not_begun':
        return Promise.resolve({ kind: 'not_begun', detail: 'shutting down' });
    }
  }

  lookup({ id }: MessageKey): Promise<LookupResult> {
    if (this.dead) return new Promise(() => undefined);
    this.lookups += 1;
    if (this.#state !== 'Connected' || this.lookupsFail) {
      return Promise.resolve({ kind: 'unavailable', detail: 'cannot be asked' });
    }
    const known = this.world.stored.get(id);
    return Promise.resolve(known === undefined ? { kind: 'absent' } : { kind: 'found', ack: known.ack });
  }

  reconnectSocket(): Promise<void> {
    this.nudges.push('reconnect_socket');
    return Promise.resolve();
  }

  restart(): Promise<void> {
    this.nudges.push('restart_engine');
    this.reload();
    this.connect();
    return Promise.resolve();
  }

  resolveNumber(phoneNumber: string): Promise<string | undefined> {
    return Promise.resolve(this.world.unregistered.has(phoneNumber) ? undefined : `${phoneNumber}@c.us`);
  }

  on(listener: EngineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {}
  stop = () => Promise.resolve();
  logout = () => Promise.resolve();
  requestPairingCode = () => Promise.resolve('ABCD-EFGH');
  screenshot = () => Promise.resolve(new Uint8Array());
  listChats = () => Promise.resolve([]);
  listContacts = () => Promise.resolve([]);
  history = () => Promise.resolve([]);
}

const ambiguous = (cause: 'no_result' | 'rejected' | 'timeout' | 'engine_lost'): Promise<SendOutcome> =>
  Promise.resolve({ kind: 'ambiguous', cause, detail: cause });
