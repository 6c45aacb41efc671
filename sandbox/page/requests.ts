import type { Answers, ClientFrame, Query, ServerFrame } from '../src/wire.ts';
import { ConnectionLostError, ServerStatusCodeError } from './server-error.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Questions to the server and their answers. */
export class Requests {
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  constructor(send: (frame: ClientFrame) => boolean) {
    this.#send = send;
  }

  /** Rejects when the server refuses, and when the connection is lost; waits as long as the line is silent. */
  ask<K extends Query['kind']>(query: Extract<Query, { kind: K }>): Promise<Answers[K]> {
    const q = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(q, { resolve: resolve as (value: unknown) => void, reject });
      if (!this.#send({ t: 'query', q, query })) this.#settle(q)?.reject(new ConnectionLostError());
    });
  }

  answer(frame: Extract<ServerFrame, { t: 'answer' }>): void {
    const waiting = this.#settle(frame.q);
    if (frame.ok) waiting?.resolve(frame.value);
    else waiting?.reject(new ServerStatusCodeError(frame.code));
  }

  abandon(): void {
    for (const q of [...this.#waiting.keys()]) this.#settle(q)?.reject(new ConnectionLostError());
  }

  #settle(q: number): Waiting | undefined {
    const waiting = this.#waiting.get(q);
    this.#waiting.delete(q);
    return waiting;
  }
}
