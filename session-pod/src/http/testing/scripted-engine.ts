import type { SessionState, TransitionReason } from '@whatsapp-operator/api/session';
import type {
  Engine,
  EngineListener,
  EngineSnapshot,
  OutboundMessage,
  Pairing,
  SendOutcome,
} from '../../engine/engine.ts';
import type { InboundEngine } from '../../engine/inbound.ts';
import { silentInbound } from '../../engine/testing/silent-inbound.ts';

/** An engine that says what a test tells it to: for states and faults that a real browser does not produce on demand. */
export class ScriptedEngine implements Engine {
  readonly inbound: InboundEngine;
  readonly sent: OutboundMessage[] = [];
  readonly asked: string[] = [];
  /** What a send comes to; by default it is inserted and acknowledged at once. */
  sendOutcome: (message: OutboundMessage) => Promise<SendOutcome> = async (message) => {
    queueMicrotask(() => this.#tell('ack', `true_${message.chatId}_${message.id}`, 1));
    return { kind: 'inserted', ack: 0 };
  };
  /** What questions to the page end with; undefined lets them succeed. */
  failure: Error | undefined;
  readonly #listeners = new Set<EngineListener>();
  #snapshot: EngineSnapshot = {
    state: 'Starting',
    lastTransition: {
      from: 'Stopped',
      to: 'Starting',
      reason: 'started',
      detail: 'scripted',
      at: 1_800_000_000_000,
    },
    connectedSince: undefined,
    account: undefined,
    registrationDurable: false,
    pairing: undefined,
    live: true,
    versions: { engine: 'scripted 1', browser: undefined, whatsappWeb: undefined },
  };

  constructor(inbound: InboundEngine = silentInbound) {
    this.inbound = inbound;
  }

  get snapshot(): EngineSnapshot {
    return this.#snapshot;
  }

  /** Goes over to a state, as the real one would tell it. */
  become(
    state: SessionState,
    reason: TransitionReason = 'progress',
    more: Partial<EngineSnapshot> = {},
  ): void {
    const at = Date.now();
    const transition = { from: this.#snapshot.state, to: state, reason, detail: 'scripted', at };
    this.#snapshot = {
      ...this.#snapshot,
      state,
      lastTransition: transition,
      connectedSince: state === 'Connected' ? at : undefined,
      pairing: undefined,
      ...more,
    };
    this.#tell('transition', transition);
  }

  connect(): void {
    this.become('Connected', 'progress', {
      account: { id: '491510000001@c.us', name: 'Sales', platform: 'android' },
      registrationDurable: true,
    });
  }

  pair(pairing: Pairing): void {
    this.become('Pairing', 'progress', { pairing });
    this.#tell('pairing', pairing);
  }

  start(): void {
    this.asked.push('start');
  }
  async stop(): Promise<void> {
    this.asked.push('stop');
    this.become('Stopped', 'shutdown');
  }
  async restart(): Promise<void> {
    this.asked.push('restart');
    this.become('Starting', 'requested');
  }
  async logout(): Promise<void> {
    this.asked.push('logout');
    this.become('LoggedOut', 'requested');
  }
  async send(message: OutboundMessage): Promise<SendOutcome> {
    this.sent.push(message);
    return await this.sendOutcome(message);
  }
  async lookup() {
    return { kind: 'found', ack: 1 } as const;
  }
  async reconnectSocket(): Promise<void> {}
  async requestPairingCode(phoneNumber: string): Promise<string> {
    this.#fail();
    this.become('Pairing', 'progress', {
      pairing: { method: 'PairingCode', code: 'ABCD1234', phoneNumber, since: Date.now() },
    });
    return 'ABCD1234';
  }
  async screenshot(): Promise<Uint8Array> {
    this.#fail();
    return new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
  }
  async resolveNumber(phoneNumber: string): Promise<string | undefined> {
    this.#fail();
    return phoneNumber.startsWith('999') ? undefined : `${phoneNumber}@c.us`;
  }
  async listChats(limit: number) {
    this.#fail();
    const chat = {
      id: '4915700000000@c.us',
      name: 'Ada',
      isGroup: false,
      unreadCount: 1,
      lastMessageAt: 1_800_000_000_000,
    };
    return [chat].slice(0, limit);
  }
  async listContacts() {
    this.#fail();
    return [
      { id: '4915700000000@c.us', name: undefined, pushName: 'Ada', isMyContact: true, isBlocked: false },
    ];
  }
  async history(chatId: string) {
    this.#fail();
    const common = { chatId, author: chatId, type: 'chat', body: 'hello', hasMedia: false, ack: 1 } as const;
    const rest = { timestamp: 1_800_000_000_000, quotedMessageId: undefined, editedAt: undefined };
    return [{ id: `false_${chatId}_3EB0`, fromMe: false, ...common, ...rest }];
  }
  on(listener: EngineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #fail(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  #tell<E extends keyof EngineListener>(event: E, ...news: Parameters<NonNullable<EngineListener[E]>>): void {
    for (const listener of this.#listeners) {
      const call = listener[event] as ((...news: unknown[]) => void) | undefined;
      call?.(...news);
    }
  }
}
