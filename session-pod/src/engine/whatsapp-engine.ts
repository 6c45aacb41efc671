import { createRequire } from 'node:module';
import type { SessionState, Transition } from '@whatsapp-operator/api/session';
import { AttendedClock } from './attended-clock.ts';
import { CallError } from './calls.ts';
import { type Deadlines, defaultDeadlines } from './deadlines.ts';
import type {
  ChatSummary,
  ContactSummary,
  Engine,
  EngineListener,
  EngineSnapshot,
  HistoryMessage,
  LookupResult,
  MessageKey,
  OutboundMessage,
  Pairing,
  SendOutcome,
} from './engine.ts';
import { EngineError } from './errors.ts';
import { InboundCalls } from './inbound-calls.ts';
import { LifeCycle } from './life-cycle.ts';
import { type MachineEvent, transition } from './machine.ts';
import type { EngineDependencies, EngineOptions, PairingMethod } from './options.ts';
import type { CallName, Calls, WorkerEvent } from './protocol.ts';
import { SendQueue } from './send-queue.ts';

const library = createRequire(import.meta.url)('whatsapp-web.js/package.json') as {
  readonly version: string;
};

/** The least time that is left for a send when its turn comes; asking the page first takes at most half of it. */
const PREFLIGHT_SHARE = 0.5;

const keyOf = ({ chatId, id }: MessageKey): string => `${chatId} ${id}`;

/**
 * The engine: keeps the state, tells what happens, and answers calls. The lives of the browser are the business of
 * its LifeCycle.
 */
export class WhatsAppEngine implements Engine {
  readonly #dependencies: EngineDependencies;
  readonly #limits: Deadlines;
  readonly #now: () => number;
  readonly #clock: AttendedClock;
  readonly #cycle: LifeCycle;
  readonly #listeners = new Set<EngineListener>();
  readonly inbound: InboundCalls;
  readonly #sends = new SendQueue();
  #timer: NodeJS.Timeout | undefined;
  #state: SessionState = 'Stopped';
  #lastTransition: Transition;
  #connectedSince: number | undefined;
  #stableSince: number | undefined;
  #pairing: Pairing | undefined;
  #method: PairingMethod;
  #browserVersion: string | undefined;
  #pageVersion: string | undefined;

  constructor(options: EngineOptions, dependencies: EngineDependencies) {
    this.#dependencies = dependencies;
    this.#limits = { ...defaultDeadlines, ...options.deadlines };
    this.#now = dependencies.now ?? Date.now;
    this.#method = options.pairing ?? { method: 'QRCode' };
    this.#clock = new AttendedClock(this.#limits.tickMs * 4);
    this.#lastTransition = {
      from: 'Stopped',
      to: 'Stopped',
      reason: 'started',
      detail: 'not started yet',
      at: this.#now(),
    };
    this.inbound = new InboundCalls(
      (name, params, deadlineMs) => this.#ask(name, params, deadlineMs),
      (error) => dependencies.log.error({ error, what: 'hint' }, 'a listener of the engine threw'),
    );
    this.#cycle = new LifeCycle({
      options,
      limits: this.#limits,
      log: dependencies.log,
      clock: () => this.#clock.time,
      random: dependencies.random ?? Math.random,
      move: (event) => this.#move(event),
      told: (event) => this.#told(event),
      state: () => this.#state,
    });
  }

  get snapshot(): EngineSnapshot {
    return {
      state: this.#state,
      lastTransition: this.#lastTransition,
      connectedSince: this.#connectedSince,
      account: this.#cycle.account,
      registrationDurable: this.#cycle.durable,
      pairing: this.#pairing,
      live: this.#cycle.live,
      versions: {
        engine: `whatsapp-web.js ${library.version}`,
        browser: this.#browserVersion,
        whatsappWeb: this.#pageVersion,
      },
    };
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#move({ kind: 'begin', reason: 'started', detail: 'the process began' });
    this.#timer = setInterval(() => this.#tick(), this.#limits.tickMs);
    void this.#cycle.load().then(() => this.#tick());
  }

  async stop(deadlineMs: number): Promise<void> {
    clearInterval(this.#timer);
    this.#move({ kind: 'stop', detail: 'the process was told to end' });
    await this.#cycle.end(deadlineMs);
  }

  async restart(detail: string): Promise<void> {
    this.#refuseWhenStopped();
    await this.#cycle.restart(detail);
    this.#tick();
  }

  async logout(): Promise<void> {
    this.#refuseWhenStopped();
    await this.#cycle.logOut();
    this.#tick();
  }

  async send(message: OutboundMessage): Promise<SendOutcome> {
    if (this.#state !== 'Connected') return { kind: 'not_begun', detail: `the session is ${this.#state}` };
    return this.#sends.add(message.chatId, keyOf(message), message.deadlineMs, (leftMs) => {
      const { life } = this.#cycle;
      if (this.#state !== 'Connected' || life === undefined) {
        const outcome: SendOutcome = { kind: 'not_begun', detail: `the session is ${this.#state}` };
        return { outcome: Promise.resolve(outcome), settled: Promise.resolve() };
      }
      const preflightMs = Math.min(this.#limits.preflightMs, leftMs * PREFLIGHT_SHARE);
      const { answer, settled } = life.send(message, preflightMs, leftMs);
      return { outcome: answer.catch(toOutcome), settled };
    });
  }

  async lookup(key: MessageKey): Promise<LookupResult> {
    if (this.#sends.isUnderWay(keyOf(key))) {
      return { kind: 'unavailable', detail: 'it is being handed over just now' };
    }
    let result: LookupResult;
    try {
      result = await this.#ask('lookup', { chatId: key.chatId, id: key.id });
    } catch (error) {
      return { kind: 'unavailable', detail: error instanceof Error ? error.message : String(error) };
    }
    // Absent is a proof: it needs a page that has everything.
    return result.kind === 'absent' && this.#state !== 'Connected'
      ? { kind: 'unavailable', detail: `the session is ${this.#state}` }
      : result;
  }

  async reconnectSocket(): Promise<void> {
    await this.#ask('reconnectSocket', null);
  }

  async requestPairingCode(phoneNumber: string): Promise<string> {
    if (this.#state !== 'Pairing') {
      throw new EngineError('engine_unavailable', `no account can be linked: the session is ${this.#state}`);
    }
    this.#method = { method: 'PairingCode', phoneNumber };
    const code = await this.#ask('requestPairingCode', { phoneNumber });
    this.#setPairing({ method: 'PairingCode', code, phoneNumber, since: this.#now() });
    return code;
  }

  screenshot(): Promise<Uint8Array> {
    return this.#ask('screenshot', null);
  }

  async resolveNumber(phoneNumber: string): Promise<string | undefined> {
    return (await this.#ask('resolveNumber', { phoneNumber })) ?? undefined;
  }

  listChats(limit: number): Promise<readonly ChatSummary[]> {
    return this.#ask('listChats', { limit });
  }

  listContacts(limit: number): Promise<readonly ContactSummary[]> {
    return this.#ask('listContacts', { limit });
  }

  history(chatId: string, limit: number): Promise<readonly HistoryMessage[]> {
    return this.#ask('history', { chatId, limit });
  }

  on(listener: EngineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #refuseWhenStopped(): void {
    if (this.#state === 'Stopped') throw new EngineError('engine_unavailable', 'the engine is stopped');
  }

  async #ask<N extends CallName>(
    name: N,
    params: Calls[N]['params'],
    deadlineMs = this.#limits.callMs,
  ): Promise<Calls[N]['result']> {
    const { life } = this.#cycle;
    if (life === undefined) throw new EngineError('engine_unavailable', 'there is no browser just now');
    try {
      return await life.call(name, params, deadlineMs).answer;
    } catch (error) {
      throw toEngineError(error);
    }
  }

  #tick(): void {
    this.#clock.tick(this.#now());
    if (this.#stableSince !== undefined && this.#clock.time - this.#stableSince > this.#limits.stableMs) {
      this.#stableSince = undefined;
      this.#cycle.stable();
    }
    this.#cycle.step();
    if (this.#state === 'Pairing' && this.#method.method === 'PairingCode') {
      this.#cycle.ensureCode(this.#method.phoneNumber);
    }
  }

  #move(event: MachineEvent): void {
    const move = transition(this.#state, event);
    if (move === undefined) return;
    const told: Transition = { from: this.#state, ...move, at: this.#now() };
    this.#state = move.to;
    this.#lastTransition = told;
    const connected = move.to === 'Connected';
    this.#connectedSince = connected ? told.at : undefined;
    this.#stableSince = connected ? this.#clock.time : undefined;
    const { from, to, reason, detail } = told;
    this.#dependencies.log.debug({ from, to, reason, detail }, 'session state');
    this.#tell('transition', (listener) => listener.transition?.(told));
    if (this.#pairing !== undefined && (to !== 'Pairing' || reason === 'pairing_expired')) {
      this.#setPairing(undefined);
    }
  }

  #told(event: WorkerEvent): void {
    switch (event.kind) {
      case 'qr':
        // Without a ref there is no code yet, whatever the library makes of it.
        if (this.#method.method === 'QRCode' && !event.qr.startsWith('undefined,')) {
          this.#setPairing({ method: 'QRCode', qr: event.qr, since: this.#now() });
        }
        return;
      case 'code':
        if (this.#method.method === 'PairingCode') {
          const { phoneNumber } = this.#method;
          this.#setPairing({ method: 'PairingCode', code: event.code, phoneNumber, since: this.#now() });
        }
        return;
      case 'opened':
        this.#browserVersion = event.browser;
        return;
      case 'ack':
        this.#tell('ack', (listener) => listener.ack?.(event.messageId, event.ack));
        return;
      case 'message':
        this.#tell('message', (listener) => listener.message?.(event.message));
        return;
      case 'inbound':
        this.inbound.tell(event.hint);
        return;
      default:
        this.#pageVersion = this.#cycle.life?.record.facts?.version ?? this.#pageVersion;
    }
  }

  #setPairing(pairing: Pairing | undefined): void {
    this.#pairing = pairing;
    this.#tell('pairing', (listener) => listener.pairing?.(pairing));
  }

  #tell(what: string, call: (listener: EngineListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        call(listener);
      } catch (error) {
        this.#dependencies.log.error({ error, what }, 'a listener of the engine threw');
      }
    }
  }
}

function toOutcome(error: unknown): SendOutcome {
  const detail = error instanceof Error ? error.message : String(error);
  const cause = error instanceof CallError ? error.end : 'failed';
  switch (cause) {
    case 'deadline':
      return { kind: 'ambiguous', cause: 'timeout', detail };
    case 'lost':
      return { kind: 'ambiguous', cause: 'engine_lost', detail };
    case 'failed':
      return { kind: 'ambiguous', cause: 'rejected', detail };
  }
}

function toEngineError(error: unknown): EngineError {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof CallError ? error.end : 'failed';
  switch (cause) {
    case 'deadline':
      return new EngineError('engine_timeout', message, error);
    case 'lost':
      return new EngineError('engine_unavailable', message, error);
    case 'failed':
      return new EngineError('engine_failed', message, error);
  }
}
