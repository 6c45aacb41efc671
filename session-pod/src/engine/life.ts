import { Worker } from 'node:worker_threads';
import { Browser } from './browser.ts';
import { browserFlags, executableOf, parseProxy } from './browser-flags.ts';
import { type Call, CallError, WorkerCalls } from './calls.ts';
import type { Deadlines } from './deadlines.ts';
import type { OutboundMessage, SendOutcome } from './engine.ts';
import { firstLine } from './faults.ts';
import {
  type LifeRecord,
  newRecord,
  noted,
  observed,
  probeFailed,
  probeSent,
  refreshed,
  roundTripEnded,
  roundTripSent,
  silenced,
  withFault,
} from './life-record.ts';
import type { EngineOptions } from './options.ts';
import type { Profile } from './profile.ts';
import type { CallName, Calls, FromWorker, WorkerEvent, WorkerSettings } from './protocol.ts';

export interface LifeParts {
  readonly options: EngineOptions;
  readonly profile: Profile;
  readonly limits: Deadlines;
  /** The supervisor's clock. */
  readonly clock: () => number;
  /** Something changed; `event` is what the worker told, if it was that. */
  readonly changed: (event: WorkerEvent | undefined) => void;
}

/** Memory of the worker's heap in MiB: a file on its way to the page is held three times over. */
const DEFAULT_HEAP_MB = 512;

/**
 * One browser and one worker thread on it, from start to end. Thin: it does what it is told and keeps the record of
 * what happens; what follows from that is decided elsewhere. `kill` ends everything that it started.
 */
export class Life {
  readonly #parts: LifeParts;
  readonly #worker: Worker;
  readonly #browser: Browser;
  readonly #calls: WorkerCalls;
  #record: LifeRecord;
  /** How many messages with a file are being handed over. */
  #files = 0;
  #ending = false;

  constructor(parts: LifeParts) {
    const { options, profile, limits } = parts;
    this.#parts = parts;
    this.#record = newRecord(parts.clock());
    const settings: WorkerSettings = {
      protocolMs: limits.protocolMs,
      authTimeoutMs: limits.bootMs * 2,
      heartbeatMs: limits.heartbeatMs,
      proxyCredentials: options.proxy === undefined ? undefined : parseProxy(options.proxy).credentials,
    };
    this.#browser = new Browser(executableOf(options), browserFlags(options, profile.folder), profile.home);
    this.#worker = new Worker(new URL('./page/worker.ts', import.meta.url), {
      workerData: settings,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.workerHeapMb ?? DEFAULT_HEAP_MB },
    });
    this.#calls = new WorkerCalls((message) => this.#worker.postMessage(message));
    this.#worker.on('message', (message: FromWorker) => this.#take(message));
    this.#worker.on('error', (error) => this.#fail('engine_crashed', `the worker thread threw: ${error}`));
    this.#worker.on('exit', () => {
      this.#calls.lose('the worker thread ended');
      this.#fail('engine_crashed', 'the worker thread ended');
    });
    void this.#browser.exited.then(({ code, signal }) =>
      this.#fail('browser_crashed', `the browser ended with ${signal ?? `exit code ${code}`}`),
    );
    this.#browser.endpoint
      .then((endpoint) => this.call('open', { endpoint }, limits.launchMs).answer)
      .catch((error: unknown) => this.#fail('browser_crashed', String(error)));
  }

  get record(): LifeRecord {
    return this.#record;
  }

  /** The browser's main process; its group has the same id. */
  get browserPid(): number | undefined {
    return this.#browser.pid;
  }

  call<N extends CallName>(
    name: N,
    params: Calls[N]['params'],
    deadlineMs: number,
  ): Call<Calls[N]['result']> {
    return this.#calls.begin(name, params, deadlineMs);
  }

  /** Hands a message over; while it holds a file, the page is given more time to answer other questions. */
  send(message: OutboundMessage, preflightMs: number, deadlineMs: number): Call<SendOutcome> {
    const call = this.call('send', { message, preflightMs }, deadlineMs);
    if ('path' in message.content) {
      this.#files += 1;
      this.#record = { ...this.#record, busy: true };
      void call.settled.then(() => {
        this.#files -= 1;
        this.#record = { ...this.#record, busy: this.#files > 0 };
      });
    }
    return call;
  }

  /** Asks the page how it is. */
  async probe(): Promise<void> {
    const { limits, clock } = this.#parts;
    this.#record = probeSent(this.#record, clock());
    try {
      const facts = await this.call('observe', null, limits.probeMs).answer;
      this.#set(observed(this.#record, facts, clock(), limits));
    } catch (error) {
      this.#set(probeFailed(this.#record, error instanceof CallError && error.end === 'deadline'));
    }
  }

  /** Asks WhatsApp something through the page. */
  async roundTrip(): Promise<void> {
    const { limits, clock } = this.#parts;
    this.#record = roundTripSent(this.#record, clock());
    const how = await this.call('roundTrip', null, limits.roundTripMs).answer.then(
      (asked) => (asked ? ('answered' as const) : ('unasked' as const)),
      (error: unknown) =>
        error instanceof CallError && error.end === 'deadline' ? ('missed' as const) : ('unasked' as const),
    );
    this.#set(roundTripEnded(this.#record, how, clock()));
  }

  /** The page has synced and the library did not notice: looks why, and tells it once more if nothing is missing. */
  async rescueReady(): Promise<void> {
    const { callMs } = this.#parts.limits;
    this.#record = { ...this.#record, rescued: true };
    const missing = await this.call('missingModules', null, callMs).answer.catch(() => []);
    this.#set({ ...this.#record, missingModules: missing });
    if (missing.length === 0) await this.call('rescueReady', null, callMs).answer.catch(() => undefined);
  }

  async reconnect(): Promise<void> {
    this.#record = silenced(this.#record, this.#parts.clock());
    await this.call('reconnectSocket', null, this.#parts.limits.callMs).answer.catch(() => undefined);
  }

  async refreshPairing(): Promise<void> {
    const { limits, clock } = this.#parts;
    this.#record = refreshed(this.#record, clock(), limits);
    await this.call('refreshPairing', null, limits.callMs).answer.catch(() => undefined);
  }

  /**
   * Ends the browser as a person would, so that everything of the profile is on the disk; then whatever is left. A
   * browser without a page yet cannot be told to close, and has written nothing worth waiting for.
   */
  async close(withinMs: number): Promise<void> {
    this.#ending = true;
    if (!this.#record.opened) {
      await this.kill();
      return;
    }
    const until = Date.now() + withinMs;
    await this.call('close', null, withinMs).answer.catch(() => undefined);
    await Promise.race([
      this.#browser.exited,
      new Promise((resolve) => setTimeout(resolve, Math.max(0, until - Date.now()))),
    ]);
    await this.kill();
  }

  /** Ends browser and worker at once, and waits until both are gone. */
  async kill(): Promise<void> {
    this.#ending = true;
    this.#calls.lose('the browser is being ended');
    await Promise.all([this.#browser.kill(this.#parts.limits.killMs), this.#worker.terminate()]);
  }

  #take(message: FromWorker): void {
    if (message.kind !== 'event') {
      this.#calls.take(message);
      return;
    }
    const { limits, clock } = this.#parts;
    this.#record = noted(this.#record, message.event, clock(), limits);
    if (message.event.kind !== 'beat') this.#parts.changed(message.event);
  }

  #fail(reason: 'engine_crashed' | 'browser_crashed', detail: string): void {
    if (this.#ending) return;
    this.#set(withFault(this.#record, { reason, detail: firstLine(detail), next: 'counted' }));
  }

  #set(record: LifeRecord): void {
    this.#record = record;
    if (!this.#ending) this.#parts.changed(undefined);
  }
}
