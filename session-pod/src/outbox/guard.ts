import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';

const RETRY_MS = 1000;

/**
 * What happens when the disk takes nothing: sending pauses, and what has to be written is tried again until it is.
 * The state on disk is then the one before, which the next start can go on from, so nothing is lost by a crash.
 */
export class WriteGuard {
  readonly #clock: Clock;
  readonly #log: Pick<Logger, 'warn' | 'info'>;
  readonly #fatal: (error: unknown) => void;
  readonly #resume: () => void;
  #failing = false;
  #pausedUntil = 0;
  #ended = false;

  /** @param fatal called with what trying again does not mend: a damaged database, a bug */
  constructor(
    clock: Clock,
    log: Pick<Logger, 'warn' | 'info'>,
    fatal: (error: unknown) => void,
    resume: () => void,
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#fatal = fatal;
    this.#resume = resume;
  }

  /** True for a while after a write failed: begin nothing. */
  get paused(): boolean {
    return this.#ended || this.#clock.now() < this.#pausedUntil;
  }

  /** No further tries, and nothing new; what could not be written is resolved by the next start. */
  end(): void {
    this.#ended = true;
  }

  /** Writes now; when that fails for want of space, false, and everything pauses for a while. */
  attempt(write: () => void): boolean {
    try {
      write();
      this.#recovered();
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /** Writes now, or as soon as it works, and then goes on. */
  persist(write: () => void, done: () => void): void {
    if (this.attempt(write)) done();
    else if (!this.#ended) this.#clock.after(RETRY_MS, () => this.persist(write, done));
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#pausedUntil = 0;
    this.#log.info('the outbox can be written again');
  }

  #failed(error: unknown): void {
    if (!(error instanceof Failure) || error.class !== 'retry') {
      this.#ended = true;
      this.#fatal(error);
      return;
    }
    if (!this.#failing) this.#log.warn({ err: error, code: error.code }, 'the outbox cannot be written');
    this.#failing = true;
    this.#pausedUntil = this.#clock.now() + RETRY_MS;
    this.#clock.after(RETRY_MS, this.#resume);
  }
}
