import process from 'node:process';
import library from 'whatsapp-web.js';
import { killQuietly, livingMembers } from './process-group.ts';

export interface SessionOptions {
  /** LocalAuth's folder. */
  readonly profile: string;
  /** Links by code instead of by QR. */
  readonly phone?: string;
  readonly takeoverOnConflict?: boolean;
  readonly qrMaxRetries?: number;
  /** Further arguments of Chromium. */
  readonly args?: readonly string[];
  /** How long a call into the page may take, in milliseconds. */
  readonly protocolTimeout?: number;
  readonly authTimeoutMs?: number;
  /** The browser; that of this run by default. */
  readonly executable?: string;
  /** Whether puppeteer ends browser and program on SIGINT and the like; true by default. */
  readonly handleSignals?: boolean;
}

interface Happening {
  readonly event: string;
  readonly told: readonly unknown[];
  readonly at: number;
}

const EVENTS = [
  'qr',
  'code',
  'authenticated',
  'ready',
  'loading_screen',
  'change_state',
  'disconnected',
  'auth_failure',
  'message',
  'message_create',
  'message_ack',
  'message_edit',
  'message_reaction',
  'message_revoke_everyone',
  'message_revoke_me',
  'unread_count',
  'vote_update',
] as const;

type EventName = (typeof EVENTS)[number];

/** The browser of this run: chromium-headless-shell, or what SANDBOX_CHROMIUM names. */
export const EXECUTABLE = process.env['SANDBOX_CHROMIUM'] ?? '/usr/bin/chromium-headless-shell';

/** One unmodified whatsapp-web.js client, with everything that it said, in order. */
export class Session {
  readonly client: library.Client;
  readonly happenings: Happening[] = [];
  /** How `initialize` ended: undefined while it has not. */
  initialized: 'resolved' | Error | undefined;
  #read = 0;
  #wake: (() => void)[] = [];

  constructor(options: SessionOptions, browserArgs: readonly string[]) {
    const executable = options.executable ?? EXECUTABLE;
    const handle = options.handleSignals ?? true;
    this.client = new library.Client({
      authStrategy: new library.LocalAuth({ dataPath: options.profile }),
      webVersionCache: { type: 'none' },
      takeoverOnConflict: options.takeoverOnConflict ?? false,
      qrMaxRetries: options.qrMaxRetries ?? 0,
      ...(options.authTimeoutMs === undefined ? {} : { authTimeoutMs: options.authTimeoutMs }),
      ...(options.phone === undefined
        ? {}
        : {
            pairWithPhoneNumber: { phoneNumber: options.phone, showNotification: true, intervalMs: 180_000 },
          }),
      puppeteer: {
        executablePath: executable,
        handleSIGINT: handle,
        handleSIGTERM: handle,
        handleSIGHUP: handle,
        headless: executable.includes('shell') ? 'shell' : true,
        args: ['--no-sandbox', ...browserArgs, ...(options.args ?? [])],
        ...(options.protocolTimeout === undefined ? {} : { protocolTimeout: options.protocolTimeout }),
      },
    });
    for (const event of EVENTS) {
      this.client.on(event, (...told: unknown[]) => this.#note({ event, told, at: Date.now() }));
    }
  }

  start(): void {
    this.client.initialize().then(
      () => {
        this.initialized = 'resolved';
      },
      (error: unknown) => {
        this.initialized = error instanceof Error ? error : new Error(String(error));
      },
    );
  }

  /** The next event of this name behind the last one waited for; throws after the time given. */
  async next(event: EventName, ms = 40_000): Promise<readonly unknown[]> {
    return this.nextThat(event, () => true, ms);
  }

  /** Like `next`, for the next event that also fits. */
  async nextThat(
    event: EventName,
    fits: (...told: never[]) => boolean,
    ms = 40_000,
  ): Promise<readonly unknown[]> {
    const deadline = Date.now() + ms;
    for (;;) {
      const index = this.happenings.findIndex(
        (happening, at) =>
          at >= this.#read && happening.event === event && fits(...(happening.told as never[])),
      );
      const found = this.happenings[index];
      if (found !== undefined) {
        this.#read = index + 1;
        return found.told;
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no "${event}" within ${ms} ms; saw ${this.#summary()}`);
      await this.#sleep(left);
    }
  }

  /** The names of the events so far. */
  names(): readonly string[] {
    return this.happenings.map(({ event }) => event);
  }

  states(): readonly unknown[] {
    return this.happenings.filter(({ event }) => event === 'change_state').map(({ told }) => told[0]);
  }

  /** Runs an expression in the page. */
  evaluate(expression: string): Promise<unknown> {
    if (this.client.pupPage === undefined) throw new Error('the client has no page yet');
    return this.client.pupPage.evaluate(expression);
  }

  /** Kills the browser as a crash would: nothing is flushed. */
  async kill(): Promise<void> {
    const leader = this.client.pupBrowser?.process()?.pid;
    if (leader === undefined) return;
    for (const pid of await livingMembers(leader)) killQuietly(pid);
    // A child that lives a moment longer holds the profile's database, and the next start would hang on it.
    while ((await livingMembers(leader)).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  #note(happening: Happening): void {
    this.happenings.push(happening);
    for (const wake of this.#wake.splice(0)) wake();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #summary(): string {
    const names = this.happenings.map(({ event, told }) =>
      event === 'change_state' ? `${event} ${told[0]}` : event,
    );
    return `${names.join(', ')}; initialize: ${this.initialized ?? 'pending'}`;
  }
}
