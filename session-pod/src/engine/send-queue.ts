import type { SendOutcome } from './engine.ts';

/** One send that was handed over: how it came out, and when the worker is really done with it. */
export interface SendTurn {
  readonly outcome: Promise<SendOutcome>;
  readonly settled: Promise<void>;
}

/** How many sends may be under way in the page at once. */
const MOST_AT_ONCE = 16;

interface Waiting {
  readonly chatId: string;
  readonly key: string;
  readonly begin: () => SendTurn;
  readonly give: (outcome: Promise<SendOutcome>) => void;
}

/**
 * Sends of one chat go one after the other, in the order in which they came; chats do not wait for each other beyond
 * a number at once. The next of a chat begins when the one before has really ended, not only when its time was up.
 * What waits longer than its deadline was never begun.
 */
export class SendQueue {
  readonly #waiting = new Set<Waiting>();
  readonly #chats = new Set<string>();
  readonly #underWay = new Set<string>();

  /** Whether this send was begun and the worker is not done with it. */
  isUnderWay(key: string): boolean {
    return this.#underWay.has(key);
  }

  /** @param begin called when the turn has come, with what is left of the deadline */
  add(
    chatId: string,
    key: string,
    deadlineMs: number,
    begin: (leftMs: number) => SendTurn,
  ): Promise<SendOutcome> {
    const until = Date.now() + deadlineMs;
    const result = Promise.withResolvers<SendOutcome>();
    const timer = setTimeout(() => {
      this.#waiting.delete(waiting);
      result.resolve({ kind: 'not_begun', detail: 'its turn did not come in time' });
    }, deadlineMs);
    const waiting: Waiting = {
      chatId,
      key,
      begin: () => {
        clearTimeout(timer);
        return begin(Math.max(1, until - Date.now()));
      },
      give: result.resolve,
    };
    this.#waiting.add(waiting);
    this.#next();
    return result.promise;
  }

  #next(): void {
    for (const waiting of this.#waiting) {
      if (this.#chats.size >= MOST_AT_ONCE) return;
      if (!this.#chats.has(waiting.chatId)) this.#begin(waiting);
    }
  }

  #begin(waiting: Waiting): void {
    const { chatId, key } = waiting;
    this.#waiting.delete(waiting);
    this.#chats.add(chatId);
    this.#underWay.add(key);
    const turn = waiting.begin();
    waiting.give(turn.outcome);
    void turn.settled.then(() => {
      this.#underWay.delete(key);
      this.#chats.delete(chatId);
      this.#next();
    });
  }
}
