import { WhatsAppError } from './errors.ts';
import { defaultRetryPolicy, type RetryPolicy } from './http/retry.ts';
import type { Fetch, RetryEvent, TransportSettings } from './http/transport.ts';

/** How a client is made. Everything has a default. */
export interface ClientOptions {
  /** Where the session's API is, such as `http://sales.default.svc:3000`. Default: WHATSAPP_ENGINE_URL. */
  readonly url?: string | URL | undefined;
  /** The session's API key. Default: WHATSAPP_ENGINE_API_KEY. None is sent when there is neither. */
  readonly apiKey?: string | undefined;
  /** What differs from the default policy of repetition. */
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Called before each repetition. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** Variables that are looked at; `process.env` where there is a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings that hold, from options and environment.
 *
 * @throws WhatsAppError `invalid_settings`, with every mistake
 */
export function readSettings(options: ClientOptions, environment: Environment): TransportSettings {
  const mistakes: string[] = [];
  const given = options.url ?? nonEmpty(environment['WHATSAPP_ENGINE_URL']);
  const url = given === undefined ? undefined : parseUrl(String(given));
  if (given === undefined) mistakes.push('no URL: give `url`, or set WHATSAPP_ENGINE_URL');
  else if (url === undefined) mistakes.push(`${JSON.stringify(String(given))} is no http or https URL`);
  const apiKey = options.apiKey ?? nonEmpty(environment['WHATSAPP_ENGINE_API_KEY'])?.trim();
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey))
    mistakes.push('the API key has blanks or other characters that no key has');
  const retry: RetryPolicy = { ...defaultRetryPolicy, ...options.retry };
  for (const [name, value] of Object.entries(retry))
    if (!(Number.isFinite(value) && value >= 0))
      mistakes.push(`retry.${name} must be a time in milliseconds`);
  if (mistakes.length > 0 || url === undefined)
    throw new WhatsAppError('invalid_settings', 'terminal', mistakes.join('; '));
  return {
    url,
    apiKey,
    retry,
    fetch: options.fetch ?? ((address, init) => fetch(address, init)),
    now: Date.now,
    random: Math.random,
    onRetry: options.onRetry,
  };
}

const nonEmpty = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** Without a slash at its end, and without the API's own path, which people copy along. */
function parseUrl(written: string): string | undefined {
  if (!URL.canParse(written)) return undefined;
  const url = new URL(written);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  return `${url.origin}${url.pathname}`.replace(/(\/api\/v1)?\/*$/, '');
}
