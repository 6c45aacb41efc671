import { basename } from 'node:path';
import { type Agent, type Dispatcher, request } from 'undici';
import type { MediaSettings } from '../settings/settings.ts';
import { checkTarget, describeNetworkError, outboundAgent } from './outbound.ts';
import { ProblemError } from './problem-error.ts';
import { PrivateAddressError, type publicLookup } from './public-address.ts';

/** Redirects that are followed; each target is checked like the first. */
const MAX_REDIRECTS = 3;

/** A file on its way from somebody's web server. The stream ends in a ProblemError when a limit is hit. */
export interface FetchedMedia {
  readonly body: AsyncIterable<Buffer>;
  /** As the server says, without parameters; undefined when it does not. */
  readonly mimetype: string | undefined;
  /** The last part of the address, where it looks like a file's name. */
  readonly filename: string | undefined;
}

/**
 * Fetches files by URL on behalf of a caller. Guarantees: HTTP and HTTPS only; by default public addresses only, on
 * the address that is really connected to, on every redirect; ends within the timeout and the size limit.
 */
export class MediaFetcher {
  readonly #settings: MediaSettings;
  readonly #agent: Agent;

  /** @param lookup how names become addresses, before those that are not public are dropped */
  constructor(settings: MediaSettings, lookup?: Parameters<typeof publicLookup>[0]) {
    this.#settings = settings;
    const { allowPrivateAddresses, fetchTimeoutMs } = settings;
    this.#agent = outboundAgent({
      allowPrivate: allowPrivateAddresses,
      connectTimeoutMs: Math.min(fetchTimeoutMs, 10_000),
      keepAliveMs: 1000,
      lookup,
    });
  }

  /** @throws ProblemError media_url_refused, media_url_failed, payload_too_large */
  async fetch(url: string, signal: AbortSignal): Promise<FetchedMedia> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#settings.fetchTimeoutMs)]);
    let target = this.#check(url);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const response = await this.#request(target, within);
      const location = redirectOf(response);
      if (location === undefined) return this.#accept(target, response);
      response.body.on('error', () => {}).destroy();
      target = this.#check(location, target);
    }
    throw new ProblemError('media_url_failed', `the address redirects more than ${MAX_REDIRECTS} times`);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #check(written: string, base?: URL): URL {
    const target = checkTarget(written, { allowPrivate: this.#settings.allowPrivateAddresses, base });
    switch (target.kind) {
      case 'ok':
        return target.url;
      case 'private':
        throw notPublic();
      case 'refused':
        throw new ProblemError('media_url_refused', target.detail);
    }
  }

  async #request(url: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    try {
      return await request(url, {
        dispatcher: this.#agent,
        signal,
        headersTimeout: this.#settings.fetchTimeoutMs,
        bodyTimeout: this.#settings.fetchTimeoutMs,
        headers: { accept: '*/*', 'user-agent': 'whatsapp-operator' },
      });
    } catch (error) {
      throw toProblem(error);
    }
  }

  #accept(url: URL, response: Dispatcher.ResponseData): FetchedMedia {
    const { statusCode, headers, body } = response;
    if (statusCode !== 200) {
      body.on('error', () => {}).destroy();
      throw new ProblemError('media_url_failed', `the server answered ${statusCode}`);
    }
    // Whoever reads sees the error; before anybody reads, it would end the process.
    body.on('error', () => {});
    const type = headers['content-type'];
    const name = decodeName(basename(url.pathname));
    return {
      body: limited(body, this.#settings.maxSize),
      mimetype: typeof type === 'string' ? type.split(';', 1)[0]?.trim().toLowerCase() : undefined,
      filename: name?.includes('.') ? name.slice(0, 200) : undefined,
    };
  }
}

async function* limited(body: AsyncIterable<Buffer>, maxSize: number): AsyncGenerator<Buffer> {
  let total = 0;
  try {
    for await (const chunk of body) {
      total += chunk.length;
      if (total > maxSize)
        throw new ProblemError(
          'payload_too_large',
          `the file is larger than ${maxSize} bytes (MEDIA_MAX_SIZE)`,
        );
      yield chunk;
    }
  } catch (error) {
    throw toProblem(error);
  }
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  const { location } = headers;
  if (typeof location !== 'string')
    throw new ProblemError('media_url_failed', `the server answered ${statusCode} without a target`);
  return location;
}

function decodeName(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

const notPublic = (cause?: unknown): ProblemError =>
  new ProblemError(
    'media_url_refused',
    'files are fetched from public addresses only; MEDIA_ALLOW_PRIVATE_ADDRESSES=true allows others',
    { cause },
  );

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof PrivateAddressError) return notPublic(error);
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const what = timedOut ? 'it took longer than MEDIA_FETCH_TIMEOUT' : describeNetworkError(error);
  return new ProblemError('media_url_failed', `the file could not be fetched: ${what}`, { cause: error });
}
