import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Engine, LookupResult } from '../engine/engine.ts';
import type { Message } from './message.ts';
import { LookupBudget } from './pace.ts';

export interface LookupsOptions {
  readonly engine: Pick<Engine, 'lookup' | 'resolveNumber'>;
  readonly clock: Clock;
  readonly perSecond: number;
  readonly log: Pick<Logger, 'debug'>;
}

/** Asks the page about messages, at a bounded rate. */
export class Lookups {
  readonly #options: LookupsOptions;
  readonly #budget: LookupBudget;
  #running = 0;

  constructor(options: LookupsOptions) {
    this.#options = options;
    this.#budget = new LookupBudget(options.perSecond, options.clock.now());
  }

  /** Questions that are not answered yet. */
  get running(): number {
    return this.#running;
  }

  /** Takes the right to one question. */
  mayAsk(): boolean {
    return this.#budget.take(this.#options.clock.now());
  }

  /** Milliseconds until the next question is allowed. */
  waitMs(): number {
    return this.#budget.waitMs();
  }

  /** Asks for the message by its pinned id. Never throws. */
  async ask({ chatId, id }: Message): Promise<LookupResult> {
    const { engine, log } = this.#options;
    this.#running += 1;
    try {
      const result = await engine.lookup({ chatId, id });
      log.debug({ message: id, result: result.kind }, 'the page was asked');
      return result;
    } catch (error) {
      return { kind: 'unavailable', detail: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#running -= 1;
    }
  }

  /** Whether the recipient of a chat with a person has an account. Never throws. */
  async askRegistration({ chatId }: Message): Promise<'registered' | 'unregistered' | 'unavailable'> {
    this.#running += 1;
    try {
      const id = await this.#options.engine.resolveNumber(chatId.replace(/@.*$/, ''));
      return id === undefined ? 'unregistered' : 'registered';
    } catch {
      return 'unavailable';
    } finally {
      this.#running -= 1;
    }
  }
}
