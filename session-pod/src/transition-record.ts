import type { SessionState, Transition, TransitionReason } from '@whatsapp-operator/api/session';
import type { LastDisconnect } from './store/index.ts';

/** Where transitions are written down. */
export interface TransitionSink {
  readonly recordDisconnect: (disconnect: LastDisconnect) => void;
  readonly countRestart: (reason: TransitionReason) => void;
  readonly observeReconnect: (seconds: number) => void;
  readonly log: {
    readonly info: (fields: object, message: string) => void;
    readonly error: (fields: object, message: string) => void;
  };
}

/** What one transition amounts to for those who count. */
export interface Tally {
  readonly disconnect: LastDisconnect | undefined;
  /** Why the browser was begun anew. */
  readonly restart: TransitionReason | undefined;
  readonly reconnectSeconds: number | undefined;
}

/** What is remembered between transitions. */
export interface Memory {
  /** When Connected was left, while it is not reached again. Milliseconds since 1970. */
  readonly lostAt: number | undefined;
  /** Why the state before was entered. */
  readonly reason: TransitionReason;
}

/** States in which a person is needed: time spent there is not the time of a reconnect. */
const WAITS_FOR_A_PERSON: readonly SessionState[] = ['Pairing', 'LoggedOut', 'Failed', 'Stopped'];

/** Pure: the tally of a transition, and what to remember for the next. */
export function tally(memory: Memory, { from, to, reason, at }: Transition): readonly [Tally, Memory] {
  const left = from === 'Connected' && to !== 'Connected';
  const reached = to === 'Connected' && from !== 'Connected';
  const lostAt = left ? at : memory.lostAt;
  return [
    {
      disconnect: left ? { reason, at } : undefined,
      // A browser begins anew by itself after a loss: the cause is why the state before was entered.
      restart:
        to !== 'Starting' || reason === 'started'
          ? undefined
          : reason === 'progress'
            ? memory.reason
            : reason,
      reconnectSeconds: reached && lostAt !== undefined ? Math.max(0, (at - lostAt) / 1000) : undefined,
    },
    { lostAt: reached || WAITS_FOR_A_PERSON.includes(to) ? undefined : lostAt, reason },
  ];
}

/**
 * Writes every transition to the log, once, and what it amounts to into the counters. A volume that cannot be
 * written costs a count, never the session.
 */
export class TransitionRecord {
  readonly #sink: TransitionSink;
  #memory: Memory = { lostAt: undefined, reason: 'started' };
  #enteredAt: number;

  /** @param begunAt when the state before the first transition was entered; milliseconds since 1970 */
  constructor(sink: TransitionSink, begunAt: number) {
    this.#sink = sink;
    this.#enteredAt = begunAt;
  }

  readonly record = (transition: Transition): void => {
    const { from, to, reason, detail, at } = transition;
    this.#sink.log.info({ from, to, reason, detail, afterMs: at - this.#enteredAt }, `session ${to}`);
    this.#enteredAt = at;
    const [{ disconnect, restart, reconnectSeconds }, memory] = tally(this.#memory, transition);
    this.#memory = memory;
    try {
      if (disconnect !== undefined) this.#sink.recordDisconnect(disconnect);
      if (restart !== undefined) this.#sink.countRestart(restart);
      if (reconnectSeconds !== undefined) this.#sink.observeReconnect(reconnectSeconds);
    } catch (err) {
      this.#sink.log.error({ err, to, reason }, 'a transition could not be counted');
    }
  };
}
