import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type WebhookWish, webhookWish } from '@whatsapp-operator/api/session';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { parseKeys } from '../http/api-keys.ts';
import { checkTarget } from '../http/outbound.ts';
import { StartupError } from '../startup-error.ts';
import { variables } from './variables.ts';

/** Everything that a start of the session pod can be told; one name per variable in `variables.ts`. */
export interface Settings {
  readonly sessionName: string;
  readonly dataFolder: string;
  /** Free space of the volume below which nothing new is accepted. Bytes. */
  readonly storageReserve: number;
  readonly api: ApiSettings;
  readonly health: { readonly host: string; readonly port: number };
  readonly browser: BrowserSettings;
  readonly pairing:
    | { readonly method: 'QRCode' }
    | { readonly method: 'PairingCode'; readonly phoneNumber: string };
  readonly sending: SendingSettings;
  readonly media: MediaSettings;
  readonly inbox: InboundSettings;
  readonly webhooks: WebhookSettings;
  readonly shutdownTimeoutMs: number;
  readonly logLevel: Parsed['LOG_LEVEL'];
}

export interface ApiSettings {
  readonly host: string;
  readonly port: number;
  readonly keys: KeySource;
  /** Bytes. */
  readonly maxBody: number;
  readonly maxConnections: number;
  readonly requestTimeoutMs: number;
}

/** Where the keys of the API come from. */
export type KeySource =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly keys: readonly string[] }
  | { readonly kind: 'file'; readonly path: string };

export interface BrowserSettings {
  readonly flavor: Parsed['BROWSER_FLAVOR'];
  readonly path: string;
  readonly args: readonly string[];
  readonly proxy: string | undefined;
  readonly sandboxUrl: string | undefined;
}

export interface SendingSettings {
  readonly ratePerMinute: number;
  readonly maxAttempts: number;
  readonly ackTimeoutMs: number;
  readonly expiresAfterMs: number;
  readonly unproven: Parsed['SENDING_UNPROVEN'];
}

/** Where events are sent. Durations in milliseconds. */
export interface WebhookSettings {
  readonly configured: readonly WebhookWish[];
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly retryForMs: number;
  readonly concurrency: number;
  readonly allowPrivateAddresses: boolean;
}

/** How events are kept, and files of messages. Durations in milliseconds, sizes in bytes. */
export interface InboundSettings {
  readonly historyMs: number;
  readonly reconcileIntervalMs: number;
  readonly retentionMs: number;
  readonly maxBytes: number;
  readonly mediaEager: boolean;
  readonly mediaMaxSize: number;
  readonly mediaTotal: number;
}

export interface MediaSettings {
  /** Bytes. */
  readonly maxSize: number;
  readonly fetchTimeoutMs: number;
  readonly allowPrivateAddresses: boolean;
}

const environmentSchema = z.object({
  ...(Object.fromEntries(Object.entries(variables).map(([name, { schema }]) => [name, schema])) as {
    readonly [N in keyof typeof variables]: (typeof variables)[N]['schema'];
  }),
});
type Parsed = z.output<typeof environmentSchema>;

const DEBIAN_BROWSERS = {
  HeadlessShell: '/usr/bin/chromium-headless-shell',
  Chromium: '/usr/bin/chromium',
} as const;

const isLoopback = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback');

/**
 * Reads the settings. An empty variable counts as not set, which is how manifests write "nothing".
 *
 * @throws StartupError `settings_invalid` with every mistake, one a line
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  const mistakes = (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  const [keys, keyMistakes] = readKeys(given, readFile);
  const [webhooks, webhookMistakes] = readWebhooks(given, readFile);
  mistakes.push(...keyMistakes, ...webhookMistakes);
  if (parsed.success)
    mistakes.push(...contradictions(parsed.data, keys), ...unreachable(parsed.data, webhooks));
  if (!parsed.success || mistakes.length > 0) {
    throw new StartupError(
      'settings_invalid',
      `the settings are wrong:\n${mistakes.map((line) => `  ${line}`).join('\n')}`,
    );
  }
  return toSettings(parsed.data, keys, webhooks);
}

function readKeys(
  { API_KEY: inline, API_KEY_FILE: path }: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): readonly [KeySource, readonly string[]] {
  if (inline !== undefined && path !== undefined)
    return [{ kind: 'none' }, ['API_KEY: must not be set together with API_KEY_FILE']];
  if (inline !== undefined) {
    const { keys, mistake } = parseKeys(inline);
    return [{ kind: 'fixed', keys }, mistake === undefined ? [] : [`API_KEY: ${mistake}`]];
  }
  if (path === undefined) return [{ kind: 'none' }, []];
  try {
    const { mistake } = parseKeys(readFile(path));
    return [{ kind: 'file', path }, mistake === undefined ? [] : [`API_KEY_FILE: ${mistake}`]];
  } catch (error) {
    return [
      { kind: 'none' },
      [`API_KEY_FILE: cannot be read: ${error instanceof Error ? error.message : error}`],
    ];
  }
}

/** Webhooks of the settings, and what is wrong with them. */
function readWebhooks(
  { WEBHOOKS: inline, WEBHOOKS_FILE: path }: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): readonly [readonly WebhookWish[], readonly string[]] {
  const name = path === undefined ? 'WEBHOOKS' : 'WEBHOOKS_FILE';
  if (inline !== undefined && path !== undefined)
    return [[], ['WEBHOOKS: must not be set together with WEBHOOKS_FILE']];
  if (inline === undefined && path === undefined) return [[], []];
  let written: unknown;
  try {
    written = JSON.parse(inline ?? readFile(path ?? ''));
  } catch (error) {
    // The message of a parser quotes what it read, and there are secrets in it.
    const why = error instanceof SyntaxError ? 'is not JSON' : `cannot be read: ${error}`;
    return [[], [`${name}: ${why}`]];
  }
  const parsed = z.array(webhookWish).max(32).safeParse(written);
  if (!parsed.success) {
    return [[], parsed.error.issues.map(({ path: at, message }) => `${name}.${at.join('.')}: ${message}`)];
  }
  const ids = parsed.data.map(({ id }) => id);
  const double = ids.find((id, index) => ids.indexOf(id) !== index);
  return double === undefined ? [parsed.data, []] : [[], [`${name}: the id ${double} is there twice`]];
}

function contradictions(parsed: Parsed, keys: KeySource): readonly string[] {
  const mistakes: string[] = [];
  if (keys.kind === 'none' && parsed.HOST !== undefined && !isLoopback(parsed.HOST)) {
    mistakes.push(
      `HOST: ${parsed.HOST} can be reached from other machines, so an API key is needed: set API_KEY or API_KEY_FILE, or HOST=127.0.0.1`,
    );
  }
  if (parsed.PAIRING_METHOD === 'PairingCode' && parsed.PAIRING_PHONE_NUMBER === undefined) {
    mistakes.push('PAIRING_PHONE_NUMBER: is needed with PAIRING_METHOD=PairingCode');
  }
  if (parsed.PORT !== 0 && parsed.PORT === parsed.HEALTH_PORT) {
    mistakes.push('HEALTH_PORT: must differ from PORT');
  }
  return mistakes;
}

/** Webhooks at addresses that are not allowed: better known now than by events that do not arrive. */
function unreachable(
  { WEBHOOK_ALLOW_PRIVATE_ADDRESSES: allowed }: Parsed,
  webhooks: readonly WebhookWish[],
): readonly string[] {
  const targets = webhooks.map(({ id, url }) => ({
    id,
    target: checkTarget(url, { allowPrivate: allowed === 'true' }),
  }));
  return targets.flatMap(({ id, target }) => {
    if (target.kind === 'ok') return [];
    const why =
      target.kind === 'private'
        ? 'its address is not public; WEBHOOK_ALLOW_PRIVATE_ADDRESSES=true allows others'
        : target.detail;
    return [`WEBHOOKS: ${id}: ${why}`];
  });
}

function toSettings(parsed: Parsed, keys: KeySource, configured: readonly WebhookWish[]): Settings {
  const flavor = parsed.BROWSER_FLAVOR;
  return {
    sessionName: parsed.SESSION_NAME,
    dataFolder: parsed.DATA_DIR,
    storageReserve: parsed.STORAGE_RESERVE,
    api: {
      host: parsed.HOST ?? (keys.kind === 'none' ? '127.0.0.1' : '0.0.0.0'),
      port: parsed.PORT,
      keys,
      maxBody: parsed.HTTP_MAX_BODY,
      maxConnections: parsed.HTTP_MAX_CONNECTIONS,
      requestTimeoutMs: parsed.HTTP_REQUEST_TIMEOUT,
    },
    health: { host: parsed.HEALTH_HOST, port: parsed.HEALTH_PORT },
    browser: {
      flavor,
      path: parsed.BROWSER_PATH ?? DEBIAN_BROWSERS[flavor],
      args: parsed.BROWSER_ARGS,
      proxy: parsed.PROXY,
      sandboxUrl: parsed.SANDBOX_URL,
    },
    pairing:
      parsed.PAIRING_METHOD === 'PairingCode'
        ? { method: 'PairingCode', phoneNumber: parsed.PAIRING_PHONE_NUMBER ?? '' }
        : { method: 'QRCode' },
    sending: {
      ratePerMinute: parsed.SENDING_RATE_PER_MINUTE,
      maxAttempts: parsed.SENDING_MAX_ATTEMPTS,
      ackTimeoutMs: parsed.SENDING_ACK_TIMEOUT,
      expiresAfterMs: parsed.SENDING_EXPIRES_AFTER,
      unproven: parsed.SENDING_UNPROVEN,
    },
    media: {
      maxSize: parsed.MEDIA_MAX_SIZE,
      fetchTimeoutMs: parsed.MEDIA_FETCH_TIMEOUT,
      allowPrivateAddresses: parsed.MEDIA_ALLOW_PRIVATE_ADDRESSES === 'true',
    },
    inbox: {
      historyMs: parsed.INBOX_HISTORY,
      reconcileIntervalMs: parsed.INBOX_RECONCILE_INTERVAL,
      retentionMs: parsed.INBOX_RETENTION,
      maxBytes: parsed.INBOX_MAX_SIZE,
      mediaEager: parsed.INBOX_MEDIA === 'eager',
      mediaMaxSize: parsed.INBOX_MEDIA_MAX_SIZE,
      mediaTotal: parsed.INBOX_MEDIA_TOTAL,
    },
    webhooks: {
      configured,
      timeoutMs: parsed.WEBHOOK_TIMEOUT,
      maxAttempts: parsed.WEBHOOK_MAX_ATTEMPTS,
      retryForMs: parsed.WEBHOOK_RETRY_FOR,
      concurrency: parsed.WEBHOOK_CONCURRENCY,
      allowPrivateAddresses: parsed.WEBHOOK_ALLOW_PRIVATE_ADDRESSES === 'true',
    },
    shutdownTimeoutMs: parsed.SHUTDOWN_TIMEOUT,
    logLevel: parsed.LOG_LEVEL,
  };
}
