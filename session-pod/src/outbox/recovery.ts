import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { Counters } from '../store/counters.ts';
import type { Decision } from './decide.ts';
import type { WriteGuard } from './guard.ts';
import type { Journal } from './journal.ts';
import type { Message } from './message.ts';
import type { SessionWatch } from './session-watch.ts';
import { nudged } from './transition.ts';

export type RecoverDecision = Extract<Decision, { readonly kind: 'recover' }>;

export interface RecoveryOptions {
  readonly engine: Pick<Engine, 'reconnectSocket' | 'restart'>;
  readonly journal: Journal;
  readonly counters: Counters;
  readonly guard: WriteGuard;
  readonly session: SessionWatch;
  readonly clock: Clock;
  readonly ackTimeoutMs: number;
  readonly log: Pick<Logger, 'warn'>;
}

/** Doubled at most so often: 32 ack timeouts between two steps. */
const MAX_DOUBLINGS = 5;

/**
 * Does something about a line or a page that keeps messages back: for all of them at once, one step at a time, and
 * ever more seldom while nothing is acknowledged.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  #inARow = 0;
  #notBefore = 0;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** A message was acknowledged: the line works. */
  acknowledged(): void {
    this.#inARow = 0;
  }

  /**
   * Takes the step unless the last one was too recent.
   *
   * @param overdue the messages for which it is taken
   */
  take({ step, reason }: RecoverDecision, overdue: readonly Message[]): void {
    const { engine, journal, counters, guard, session, clock, ackTimeoutMs, log } = this.#options;
    const now = clock.now();
    if (now < this.#notBefore) return;
    const changes = overdue.map((before) => ({ before, after: nudged(before, step) }));
    const written = guard.attempt(() =>
      journal.commit(changes, () => counters.increment('ackNudges', { step })),
    );
    if (!written) return;
    this.#notBefore = now + ackTimeoutMs * 2 ** Math.min(this.#inARow, MAX_DOUBLINGS);
    this.#inARow += 1;
    session.recovered(now);
    log.warn({ step, reason, messages: overdue.length }, 'the line is suspected');
    const detail =
      reason === 'ack_overdue'
        ? 'messages stay without acknowledgement'
        : 'the page does not tell what became of a message';
    const taken = step === 'reconnect_socket' ? engine.reconnectSocket() : engine.restart(detail);
    taken.catch((err: unknown) => log.warn({ err, step }, 'the step failed'));
  }
}
