import type { CallName, Calls, FromWorker, ToWorker } from './protocol.ts';

/** How a call into the worker ended without an answer. */
export class CallError extends Error {
  /** `deadline`: not in time. `lost`: the worker is gone. `failed`: it answered with an error. */
  readonly end: 'deadline' | 'lost' | 'failed';

  constructor(name: string, end: CallError['end'], detail: string) {
    super(`${name}: ${detail}`);
    this.name = 'CallError';
    this.end = end;
  }
}

/** A call under way: its answer within the deadline, and the moment when the worker is really done with it. */
export interface Call<T> {
  readonly answer: Promise<T>;
  /** Never rejects. */
  readonly settled: Promise<void>;
}

interface Open {
  readonly name: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CallError) => void;
  readonly settle: () => void;
}

/**
 * Calls into the worker, each with a deadline that is kept on this side: whatever the worker does, a call ends.
 */
export class WorkerCalls {
  readonly #post: (message: ToWorker) => void;
  readonly #open = new Map<number, Open>();
  #next = 1;
  #lost: string | undefined;

  constructor(post: (message: ToWorker) => void) {
    this.#post = post;
  }

  begin<N extends CallName>(
    name: N,
    params: Calls[N]['params'],
    deadlineMs: number,
  ): Call<Calls[N]['result']> {
    const answer = Promise.withResolvers<Calls[N]['result']>();
    const settled = Promise.withResolvers<void>();
    if (this.#lost !== undefined) {
      settled.resolve();
      answer.reject(new CallError(name, 'lost', this.#lost));
      return { answer: answer.promise, settled: settled.promise };
    }
    const id = this.#next++;
    const timer = setTimeout(
      () => answer.reject(new CallError(name, 'deadline', `no answer within ${deadlineMs} ms`)),
      deadlineMs,
    );
    this.#open.set(id, {
      name,
      resolve: (value) => answer.resolve(value as Calls[N]['result']),
      reject: (error) => answer.reject(error),
      settle: () => {
        clearTimeout(timer);
        settled.resolve();
      },
    });
    this.#post({ kind: 'call', id, name, params } as ToWorker);
    return { answer: answer.promise, settled: settled.promise };
  }

  /** Takes what the worker says about a call. */
  take(message: Exclude<FromWorker, { kind: 'event' }>): void {
    const open = this.#open.get(message.id);
    if (open === undefined) return;
    this.#open.delete(message.id);
    if (message.kind === 'answer') open.resolve(message.value);
    else open.reject(new CallError(open.name, 'failed', message.error));
    open.settle();
  }

  /** The worker is gone: ends every call, now and later. */
  lose(detail: string): void {
    this.#lost ??= detail;
    for (const open of this.#open.values()) {
      open.reject(new CallError(open.name, 'lost', detail));
      open.settle();
    }
    this.#open.clear();
  }
}
