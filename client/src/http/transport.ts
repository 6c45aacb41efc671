import { type ErrorCode, type ErrorKind, kindOfProblem, WhatsAppError } from '../errors.ts';
import type { Problem } from '../generated/contract.ts';
import { pause } from './pause.ts';
import { decideRetry, parseRetryAfter, type Repeatability, type RetryPolicy } from './retry.ts';

/**
 * Requests to one session's API, repeated by policy. Promises: a request that is not safe to repeat is repeated only
 * when it is certain that nothing was done; every attempt ends; an abort ends everything at once, pauses included.
 */

/** As the global `fetch`: tests and tunnels bring their own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface TransportSettings {
  /** Where the API is, without `/api/v1`. */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly retry: RetryPolicy;
  readonly fetch: Fetch;
  readonly now: () => number;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly onRetry: ((event: RetryEvent) => void) | undefined;
}

/** A repetition that is about to be made, for whoever logs. */
export interface RetryEvent {
  readonly error: WhatsAppError;
  readonly attempts: number;
  readonly afterMs: number;
}

export type RequestBody = string | FormData;

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for every attempt. */
  readonly body?: () => RequestBody;
  readonly accept?: string;
  readonly repeatability: Repeatability;
  /** Added to the time that one attempt may take, when the server was asked to wait. Milliseconds. */
  readonly extraMs?: number;
}

export interface CallOptions {
  /** Ends the call, whatever it is doing. */
  readonly signal?: AbortSignal | undefined;
  /** Changes the policy for this call; `false` tries once. */
  readonly retry?: Partial<RetryPolicy> | false | undefined;
}

export class Transport {
  readonly #settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  /**
   * The answer, whose status is 2xx.
   *
   * @throws WhatsAppError; the signal's reason
   */
  async send(request: ApiRequest, { signal, retry }: CallOptions): Promise<Response> {
    const { now, random, onRetry } = this.#settings;
    const policy = retry === false ? this.#settings.retry : { ...this.#settings.retry, ...retry };
    const began = now();
    for (let attempts = 1; ; attempts++) {
      signal?.throwIfAborted();
      const outcome = await this.#attempt(request, policy, signal);
      if (!(outcome instanceof WhatsAppError)) return outcome;
      const error = outcome.with({ attempts });
      if (retry === false) throw error;
      const { repeatability } = request;
      const facts = { error, attempts, elapsedMs: now() - began, repeatability };
      const decision = decideRetry(facts, policy, random());
      if (decision.kind === 'give_up') throw error;
      onRetry?.({ error, attempts, afterMs: decision.afterMs });
      await pause(decision.afterMs, signal);
    }
  }

  async json<T>(request: ApiRequest, options: CallOptions): Promise<T> {
    const response = await this.send({ accept: 'application/json', ...request }, options);
    try {
      return (await response.json()) as T;
    } catch (cause) {
      const what = `${request.method} ${request.path}`;
      throw new WhatsAppError(
        'bad_answer',
        'terminal',
        `${what}: the answer is no JSON; is this a session's API?`,
        {
          cause,
          status: response.status,
        },
      );
    }
  }

  async #attempt(
    request: ApiRequest,
    policy: RetryPolicy,
    signal: AbortSignal | undefined,
  ): Promise<Response | WhatsAppError> {
    const limitMs = policy.attemptTimeoutMs + (request.extraMs ?? 0);
    const timeout = AbortSignal.timeout(limitMs);
    const what = `${request.method} ${request.path}`;
    try {
      const response = await this.#settings.fetch(this.#address(request), {
        method: request.method,
        headers: this.#headers(request),
        redirect: 'manual',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        ...(request.body === undefined ? {} : { body: request.body() }),
      });
      // The whole body belongs to the attempt: a pod can die in the middle of it.
      const body = await response.arrayBuffer();
      const { status, headers } = response;
      if (status >= 200 && status < 300)
        return new Response(status === 204 ? null : body, { status, headers });
      return refusal(what, response, new TextDecoder().decode(body), this.#settings.now());
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof WhatsAppError) return error;
      return timeout.aborted
        ? new WhatsAppError('timeout', 'retry', `${what}: no answer within ${limitMs} ms`, { cause: error })
        : new WhatsAppError('unreachable', 'retry', `${what}: ${describeCause(error)}`, { cause: error });
    }
  }

  #address({ path, query = {} }: ApiRequest): string {
    const search = new URLSearchParams(
      Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    );
    return `${this.#settings.url}${path}${search.size > 0 ? `?${search}` : ''}`;
  }

  #headers({ headers, accept }: ApiRequest): Record<string, string> {
    const { apiKey } = this.#settings;
    return {
      ...(accept === undefined ? {} : { accept }),
      ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
      ...headers,
    };
  }
}

/** The most telling line of a chain of causes: `fetch failed` alone tells nobody anything. */
function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error ? describeCause(cause) : error.message;
}

function refusal(what: string, response: Response, text: string, now: number): WhatsAppError {
  const { status } = response;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now);
  const problem = parseProblem(text);
  if (problem !== undefined)
    return new WhatsAppError(problem.code, kindOfProblem(problem), sentence(problem), {
      status,
      problem,
      retryAfterMs,
    });
  const [code, kind] = classOfForeign(status);
  const said = foreignWords(text);
  return new WhatsAppError(code, kind, `${what}: ${status}${said === '' ? '' : `, ${said}`}`, {
    status,
    retryAfterMs,
  });
}

/** An answer that does not come from the session itself: a gateway while the pod is away, or a wrong address. */
function classOfForeign(status: number): readonly [ErrorCode, ErrorKind] {
  if (status === 401 || status === 403) return ['unauthorized', 'terminal'];
  if (status === 429) return ['too_many_requests', 'retry'];
  if (status === 502 || status === 503 || status === 504) return ['unreachable', 'retry'];
  return ['bad_answer', status >= 500 ? 'retry' : 'terminal'];
}

function parseProblem(text: string): Problem | undefined {
  try {
    const value = JSON.parse(text) as Partial<Problem> | null;
    const whole = typeof value?.code === 'string' && typeof value.detail === 'string';
    return whole && isAdvice(value.retry) ? (value as Problem) : undefined;
  } catch {
    return undefined;
  }
}

const isAdvice = (value: unknown): boolean =>
  value === 'never' || value === 'later' || value === 'after_action';

const sentence = ({ title, detail, errors }: Problem): string =>
  `${title}: ${errors === undefined ? detail : errors.map(({ path, message }) => `${path} ${message}`).join('; ')}`;

/** The message of a Kubernetes Status, or the beginning of whatever else was answered. */
function foreignWords(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not JSON: its beginning has to do.
  }
  return text.startsWith('<') ? '' : text.trim().slice(0, 200);
}
