import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { EventLog } from './event-log.ts';
import { hasFile, type MediaFiles } from './media-files.ts';

export interface EagerMediaOptions {
  readonly log: EventLog;
  readonly files: MediaFiles;
  readonly isConnected: () => boolean;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'debug' | 'info'>;
}

const BATCH = 100;
const RETRY_MS = 30_000;
/** Files of events from before the process began that are looked for at its start. */
const LOOK_BACK_EVENTS = 5000;

/**
 * Fetches files as soon as their messages are in the log, one after the other. A file that cannot be had now is left:
 * asking for it by API tries again. After a restart the newest events are gone through once more; what is on the
 * volume already costs nothing.
 */
export class EagerMedia {
  readonly #options: EagerMediaOptions;
  #next: number;
  #running = false;
  #ended = false;
  #unsubscribe: (() => void) | undefined;

  constructor(options: EagerMediaOptions) {
    this.#options = options;
    const { first, last } = options.log.bounds;
    this.#next = Math.max(first, last - LOOK_BACK_EVENTS);
  }

  start(): void {
    this.#unsubscribe = this.#options.log.onCommit(() => void this.#run());
    void this.#run();
  }

  stop(): void {
    this.#ended = true;
    this.#unsubscribe?.();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#mayGoOn()) await this.#takeSome();
    } finally {
      this.#running = false;
    }
    const { log, clock } = this.#options;
    // Not connected: later.
    if (!this.#ended && this.#next <= log.bounds.last) clock.after(RETRY_MS, () => void this.#run());
  }

  #mayGoOn(): boolean {
    const { log, isConnected } = this.#options;
    return !this.#ended && this.#next <= log.bounds.last && isConnected();
  }

  async #takeSome(): Promise<void> {
    const { log } = this.#options;
    const { last } = log.bounds;
    const events = log.read(this.#next - 1, BATCH, ['message', 'message.any']);
    for (const event of events) {
      if (!this.#mayGoOn()) return;
      if (hasFile(event)) await this.#fetch(event);
      this.#next = event.id + 1;
    }
    if (events.length < BATCH) this.#next = Math.max(this.#next, last + 1);
  }

  async #fetch(event: Parameters<MediaFiles['get']>[0]): Promise<void> {
    try {
      await this.#options.files.get(event);
    } catch (err) {
      this.#options.logger.info(
        { event: event?.id, code: codeOf(err) },
        'the file of a message was not fetched',
      );
    }
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
