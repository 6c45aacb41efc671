import type { SendOutcome } from './engine.ts';

/** One send that was handed over: how it came out, and when the worker is really done with it. */
export interface SendTurn {
  readonly outcome: Promise<SendOutcome>;
  readonly settled: Promise<void>;
}

/**
 * Sends one after the other: the next begins when the one before has really ended, not only when its time was up.
 * What waits longer than its deadline was never begun.
 */
export class SendQueue {
  #last: Promise<void> = Promise.resolve();
  readonly #underWay = new Set<string>();

  /** Whether this send was begun and the worker is not done with it. */
  isUnderWay(key: string): boolean {
    return this.#underWay.has(key);
  }

  /** @param begin called when the turn has come, with what is left of the deadline */
  add(key: string, deadlineMs: number, begin: (leftMs: number) => SendTurn): Promise<SendOutcome> {
    const until = Date.now() + deadlineMs;
    const result = Promise.withResolvers<SendOutcome>();
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      result.resolve({ kind: 'not_begun', detail: 'its turn did not come in time' });
    }, deadlineMs);
    this.#last = this.#last.then(async () => {
      if (expired) return;
      clearTimeout(timer);
      this.#underWay.add(key);
      const turn = begin(Math.max(1, until - Date.now()));
      result.resolve(turn.outcome);
      await turn.settled;
      this.#underWay.delete(key);
    });
    return result.promise;
  }
}
