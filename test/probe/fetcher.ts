import { readBounded } from './body.ts';
import { HttpError } from './reply.ts';

/** What a fetch from inside the pod saw. */
export type Fetched = {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
};

/** How long a fetch may take when the request does not say, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 3_000;
/** The longest that a request may ask for, in milliseconds. */
export const MAX_TIMEOUT_MS = 30_000;

/**
 * Fetches a page over plain HTTP. Redirects are reported, not followed, so that the answer is of the one
 * address that was asked.
 *
 * @throws HttpError 400 `BAD_URL`; 504 `TIMEOUT`; 502 with the system's code (`ENOTFOUND`, `ECONNREFUSED`, …)
 *   when there was no answer; 502 `TOO_LARGE` when the answer is over the limit of a body.
 */
export async function fetchFromHere(address: string, timeoutMs: number): Promise<Fetched> {
  const url = URL.parse(address);
  if (url?.protocol !== 'http:') throw new HttpError(400, 'BAD_URL', 'url has to be an http: address');
  const started = performance.now();
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    // A connection kept from an earlier fetch would go on past a NetworkPolicy that forbids new ones.
    const headers = { connection: 'close' };
    const response = await fetch(url, { redirect: 'manual', signal, headers });
    const body = response.body === null ? '' : (await readBounded(response.body)).toString('utf8');
    return { status: response.status, body, milliseconds: Math.round(performance.now() - started) };
  } catch (error) {
    throw fetchError(error, url.host, timeoutMs);
  }
}

/** Names why there was no answer. */
export function fetchError(error: unknown, host: string, timeoutMs: number): HttpError {
  if (error instanceof HttpError) return new HttpError(502, error.code, error.message, { cause: error });
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new HttpError(504, 'TIMEOUT', `${host} did not answer within ${timeoutMs} ms`, { cause: error });
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'FETCH_FAILED';
  return new HttpError(502, code, `${host}: ${code}`, { cause: error });
}
