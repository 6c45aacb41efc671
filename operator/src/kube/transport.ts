import type { Dispatcher } from 'undici';
import { type Clock, sleep, systemClock } from './clock.ts';
import type { Connection, Link } from './connection.ts';
import { ApiError, errorOfAnswer } from './errors.ts';
import type { RuntimeMetrics } from './metrics.ts';
import { decideRetry, parseRetryAfter } from './retry.ts';

/**
 * Requests to the API server over one shared pool of connections. Guarantees:
 * - every call ends: within its time, by the caller's signal, or with an answer;
 * - the fence is asked before every attempt of a write, repetitions included;
 * - nothing is repeated that could take effect twice (`idempotent` is the caller's word for it);
 * - a rejected credential is read anew once before the rejection is passed on.
 * Assumes that times come from `clock`; does not cache or queue beyond what the pool does.
 */
export interface Transport {
  /** Parsed JSON of a 2xx answer; undefined for an empty one. Throws {@link ApiError}. */
  json(request: ApiRequest): Promise<unknown>;
  /** The body as it comes. `timeoutMs` is for the answer's head alone; the caller watches over the body. */
  stream(request: ApiRequest): Promise<ByteStream>;
  close(): Promise<void>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiRequest {
  readonly method: Method;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly idempotent: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
}

export interface ByteStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly close: () => void;
}

/** Throws an {@link ApiError} of code `not_leader` when this process may not write. */
export type Fence = () => void;

export interface TransportOptions {
  readonly connection: Connection;
  readonly metrics: RuntimeMetrics;
  readonly userAgent: string;
  /** For the whole call with its repetitions. Default 30 s. */
  readonly timeoutMs?: number;
  /** Repetitions after the first attempt. Default 4. */
  readonly retries?: number;
  readonly fence?: Fence;
  readonly clock?: Clock;
  readonly random?: () => number;
}

type PoolName = keyof Pick<Link, 'requests' | 'streams'>;

const defaultTimeoutMs = 30_000;
const defaultRetries = 4;

export function createTransport(options: TransportOptions): Transport {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const attempts = new Attempts(options, clock);

  async function call<R>(
    request: ApiRequest,
    pool: PoolName,
    use: (answer: Dispatcher.ResponseData, limit: CallLimit) => Promise<R>,
  ): Promise<R> {
    const limit = new CallLimit(clock, request, options.timeoutMs ?? defaultTimeoutMs);
    try {
      for (let failures = 1; ; failures++) {
        try {
          return await use(await attempts.send(request, limit.signal, pool), limit);
        } catch (caught) {
          const error = limit.explain(caught, request);
          const decision = decideRetry({
            error,
            failures,
            retriesAllowed: request.retries ?? options.retries ?? defaultRetries,
            idempotent: request.idempotent,
            unsent: isUnsent(error.cause),
            remainingMs: limit.remainingMs(),
            random,
          });
          if (decision.kind === 'give_up') throw error;
          await sleep(clock, decision.afterMs, limit.signal);
        }
      }
    } finally {
      limit.end();
    }
  }

  return {
    json: (request) => call(request, 'requests', (answer) => readJson(answer, request)),
    stream: (request) => {
      // The body outlives the call, so that its end needs a signal of its own.
      const body = new AbortController();
      const either =
        request.signal === undefined ? body.signal : AbortSignal.any([request.signal, body.signal]);
      return call({ ...request, signal: either }, 'streams', async (answer, limit) => {
        limit.end();
        return { chunks: answer.body, close: () => body.abort() };
      });
    },
    close: () => options.connection.close(),
  };
}

/** The caller's signal and the call's time in one signal, and the word for which of them it was. */
class CallLimit {
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #timeoutMs: number;
  readonly #caller: AbortSignal | undefined;
  readonly #cancelTimer: () => void;
  #timedOut = false;

  constructor(clock: Clock, request: ApiRequest, defaultMs: number) {
    this.#clock = clock;
    this.#caller = request.signal;
    this.#timeoutMs = request.timeoutMs ?? defaultMs;
    this.#deadline = clock.monotonic() + this.#timeoutMs;
    const timer = new AbortController();
    this.signal =
      request.signal === undefined ? timer.signal : AbortSignal.any([request.signal, timer.signal]);
    this.#cancelTimer = clock.startTimer(this.#timeoutMs, () => {
      this.#timedOut = true;
      timer.abort();
    });
  }

  remainingMs(): number {
    return this.#deadline - this.#clock.monotonic();
  }

  end(): void {
    this.#cancelTimer();
  }

  explain(caught: unknown, { method, path }: ApiRequest): ApiError {
    const attempted = `${method} ${path}`;
    if (caught instanceof ApiError && typeof caught.code === 'number') return caught;
    if (this.#caller?.aborted) return new ApiError({ attempted, code: 'aborted', cause: caught });
    if (this.#timedOut) {
      const message = `no answer within ${this.#timeoutMs} ms`;
      return new ApiError({ attempted, code: 'timeout', message, cause: caught });
    }
    if (caught instanceof ApiError) return caught;
    const message = caught instanceof Error ? caught.message : String(caught);
    return new ApiError({ attempted, code: 'connection', message, cause: caught });
  }
}

/** Single attempts: fence, credentials, count. */
class Attempts {
  readonly #options: TransportOptions;
  readonly #clock: Clock;

  constructor(options: TransportOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  async send(request: ApiRequest, signal: AbortSignal, pool: PoolName): Promise<Dispatcher.ResponseData> {
    const answer = await this.#once(request, signal, pool, false);
    if (answer.statusCode !== 401) return this.#accepted(answer, request);
    await answer.body.dump();
    // A rotated token: what was cached is old, what is on disk may not be.
    return this.#accepted(await this.#once(request, signal, pool, true), request);
  }

  async #once(
    request: ApiRequest,
    signal: AbortSignal,
    pool: PoolName,
    renew: boolean,
  ): Promise<Dispatcher.ResponseData> {
    const { connection, metrics, userAgent, fence } = this.#options;
    const { method, path, body, contentType } = request;
    const link = await until(signal, connection.link(renew));
    // As late as can be: getting credentials may have taken long.
    if (method !== 'GET') fence?.();
    try {
      const answer = await link[pool].request({
        origin: link.origin,
        path: link.pathPrefix + path,
        method,
        signal,
        // undici closes the connection after a DELETE with a body unless it is told not to.
        reset: false,
        body: body ?? null,
        headers: {
          ...link.headers,
          accept: 'application/json',
          'user-agent': userAgent,
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
        },
        // The call has its own time; a watch is silent for as long as nothing happens.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      metrics.restRequests.inc({ code: String(answer.statusCode), method, host: link.host });
      return answer;
    } catch (error) {
      metrics.restRequests.inc({ code: '<error>', method, host: link.host });
      throw error;
    }
  }

  async #accepted(answer: Dispatcher.ResponseData, request: ApiRequest): Promise<Dispatcher.ResponseData> {
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    const header = answer.headers['retry-after'];
    const retryAfterMs = parseRetryAfter(Array.isArray(header) ? header[0] : header, this.#clock.now());
    const body = await answer.body.text();
    throw errorOfAnswer(`${request.method} ${request.path}`, answer.statusCode, body, retryAfterMs);
  }
}

/** The promise's outcome, or the signal's reason if that comes first: an exec plugin may hang. */
function until<R>(signal: AbortSignal, promise: Promise<R>): Promise<R> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function readJson(answer: Dispatcher.ResponseData, { method, path }: ApiRequest): Promise<unknown> {
  const text = await answer.body.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `not JSON: ${text.slice(0, 100)}`;
    throw new ApiError({ attempted: `${method} ${path}`, code: 'protocol', message, cause });
  }
}

const unsentCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function isUnsent(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && unsentCodes.has(String(cause.code));
}
