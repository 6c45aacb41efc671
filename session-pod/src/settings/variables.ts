import { phoneNumber } from '@whatsapp-operator/api/session';
import { z } from 'zod';
import { duration, size } from './quantity.ts';

/**
 * Every environment variable of the session pod: how it is read, what it is for. The settings are parsed with this
 * table, and docs/reference/session-pod-settings.md is generated from it.
 */
export interface Variable<T extends z.ZodType = z.ZodType> {
  readonly schema: T;
  readonly description: string;
  /** As it would be written; undefined when there is none. */
  readonly fallback: string | undefined;
  /** What may be written, for people. */
  readonly values: string;
}

interface Described {
  readonly description: string;
  readonly values: string;
}

/** A variable that always has a value: the default goes through the same schema as what a user writes. */
const withDefault = <T extends z.ZodType<unknown, string>>(
  schema: T,
  fallback: string,
  described: Described,
) => ({ schema: z.string().default(fallback).pipe(schema), fallback, ...described }) as const;

const optional = <T extends z.ZodType>(schema: T, described: Described) =>
  ({ schema: schema.optional(), fallback: undefined, ...described }) as const;

const whole = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

const port = whole(0, 65_535);
const text = z.string().min(1);
const timed = (fallback: string, min: string, max: string, description: string) =>
  withDefault(duration({ min, max }), fallback, { description, values: `${min} to ${max}` });
const sized = (fallback: string, min: string, max: string, description: string) =>
  withDefault(size({ min, max }), fallback, { description, values: `${min} to ${max}` });
const counted = (fallback: number, min: number, max: number, description: string) =>
  withDefault(whole(min, max), String(fallback), { description, values: `${min} to ${max}` });
const chosen = <const V extends readonly [string, ...string[]]>(
  values: V,
  fallback: V[number],
  description: string,
) =>
  withDefault(z.enum(values) as unknown as z.ZodType<V[number], string>, fallback, {
    description,
    values: values.map((value) => `\`${value}\``).join(', '),
  });

const splitArgs = z.string().transform((written, context) => {
  const args = written.split(/\s+(?=--)/).map((arg) => arg.trim());
  const wrong = args.filter((arg) => arg !== '' && !arg.startsWith('--'));
  if (wrong.length === 0) return args.filter((arg) => arg !== '');
  context.addIssue({ code: 'custom', message: 'must be arguments that begin with --, separated by blanks' });
  return z.NEVER;
});

const proxyUrl = z
  .url({ protocol: /^(https?|socks[45])$/, error: 'must be a URL with http, https, socks4 or socks5' })
  .describe('proxy');

export const variables = {
  PORT: withDefault(port, '3000', {
    description: 'Port of the HTTP API; 0 takes a free one.',
    values: '0 to 65535',
  }),
  HOST: optional(text, {
    description:
      'Address that the API listens on. Default: all addresses (`0.0.0.0`) when there is an API key, `127.0.0.1` without one. Another than a loopback address is refused without a key.',
    values: 'an IP address',
  }),
  API_KEY: optional(text, {
    description:
      'What callers send as `X-Api-Key` or `Authorization: Bearer`. At least 16 printable characters without blanks. Two keys separated by a blank are both valid, which is how a key is exchanged without an outage.',
    values: 'one or two keys',
  }),
  API_KEY_FILE: optional(text, {
    description:
      'A file with the key, or two, one a line, instead of API_KEY. Read again when it changes, so a mounted Secret can be rotated without a restart.',
    values: 'a path',
  }),
  HEALTH_PORT: withDefault(port, '3001', {
    description: 'Port of probes, `/metrics` and `/status`, without a key; 0 takes a free one.',
    values: '0 to 65535',
  }),
  HEALTH_HOST: withDefault(text, '127.0.0.1', {
    description:
      "Address of the health port. In a pod `0.0.0.0`: the kubelet comes from outside the pod's network.",
    values: 'an IP address',
  }),
  DATA_DIR: withDefault(text, './session-data', {
    description: 'Folder for database, files and browser profile. One process at a time.',
    values: 'a path',
  }),
  STORAGE_RESERVE: sized(
    '32Mi',
    '1Mi',
    '1024Gi',
    'Free space of the volume below which new messages and files are refused with 507, so that those accepted can be brought to their end.',
  ),
  SESSION_NAME: withDefault(
    z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a DNS label'),
    'session',
    { description: 'How the session calls itself, in status and logs.', values: 'a DNS label' },
  ),
  BROWSER_FLAVOR: chosen(
    ['HeadlessShell', 'Chromium'],
    'HeadlessShell',
    'Which browser: the small one without a user interface, or the full one in headless mode.',
  ),
  BROWSER_PATH: optional(text, {
    description:
      'The browser itself. Default: `chromium-headless-shell` or `chromium`, by flavor, where Debian installs it.',
    values: 'a path',
  }),
  BROWSER_ARGS: withDefault(splitArgs, '', {
    description: 'More arguments for the browser, each beginning with `--`, separated by blanks.',
    values: 'arguments',
  }),
  PROXY: optional(proxyUrl, {
    description: "The browser's way to WhatsApp.",
    values: 'a URL with http, https, socks4 or socks5',
  }),
  SANDBOX_URL: optional(z.url({ protocol: /^http$/ }), {
    description:
      'For tests only: the control API of a sandbox, whose browser arguments are fetched at the start. Nothing then reaches WhatsApp.',
    values: 'an http URL',
  }),
  PAIRING_METHOD: chosen(['QRCode', 'PairingCode'], 'QRCode', 'How the account is linked.'),
  PAIRING_PHONE_NUMBER: optional(phoneNumber, {
    description: 'The number that a pairing code is for; needed with `PAIRING_METHOD=PairingCode`.',
    values: 'a phone number with country code',
  }),
  SENDING_RATE_PER_MINUTE: counted(60, 1, 6000, 'How many messages leave in a minute at most.'),
  SENDING_MAX_ATTEMPTS: counted(8, 1, 100, 'How often a message is tried before it has failed.'),
  SENDING_ACK_TIMEOUT: timed(
    '30s',
    '1s',
    '10m',
    'How long WhatsApp may leave a message unacknowledged while the session is connected, before the line is suspected.',
  ),
  SENDING_EXPIRES_AFTER: timed(
    '24h',
    '1m',
    '720h',
    'After what time a message that has not left is given up.',
  ),
  SENDING_UNPROVEN: chosen(
    ['resend', 'hold'],
    'resend',
    'What becomes of a message of which nothing can be proven after a crash: sent again under the same id, or held as `unknown`.',
  ),
  MEDIA_MAX_SIZE: sized('64Mi', '1Ki', '2Gi', 'Largest file that is accepted, however it comes.'),
  MEDIA_FETCH_TIMEOUT: timed('30s', '1s', '10m', 'How long fetching a file by URL may take in all.'),
  MEDIA_ALLOW_PRIVATE_ADDRESSES: chosen(
    ['true', 'false'],
    'false',
    'Whether files are fetched from private, loopback and link-local addresses too. Whoever has the key can then reach what the pod reaches.',
  ),
  INBOX_HISTORY: timed(
    '0s',
    '0s',
    '8760h',
    'How much of the history from before linking comes into the event log of a newly linked account.',
  ),
  INBOX_RECONCILE_INTERVAL: timed(
    '1m',
    '1s',
    '1h',
    'How often the chats are compared with the event log while connected, in case WhatsApp Web told of something and was not heard.',
  ),
  INBOX_RETENTION: timed(
    '168h',
    '1m',
    '8760h',
    'How long events are kept; longer while an enabled webhook has not got them.',
  ),
  INBOX_MAX_SIZE: sized(
    '256Mi',
    '64Ki',
    '1024Gi',
    'What the payloads in the event log may take together. The oldest events go first, and a `gap` event says so when a webhook has not got them.',
  ),
  INBOX_MEDIA: chosen(
    ['onDemand', 'eager'],
    'onDemand',
    'When files of messages are fetched from WhatsApp: when somebody asks for them, or as soon as the message is in the event log.',
  ),
  INBOX_MEDIA_MAX_SIZE: sized('64Mi', '1Ki', '512Mi', 'Largest file of a message that is fetched.'),
  INBOX_MEDIA_TOTAL: sized(
    '512Mi',
    '1Ki',
    '1024Gi',
    'What fetched files may take on the volume together; those that nobody asked for longest are dropped first.',
  ),
  WEBHOOKS: optional(text, {
    description:
      'Webhooks as a JSON array: `[{"id": "crm", "url": "https://…", "events": ["message"], "secrets": ["…"]}]`, as `POST /api/v1/webhooks` takes them. Those that are gone from it are ended.',
    values: 'JSON',
  }),
  WEBHOOKS_FILE: optional(text, {
    description: 'A file with the same, instead of WEBHOOKS.',
    values: 'a path',
  }),
  WEBHOOK_TIMEOUT: timed('10s', '100ms', '2m', 'How long a receiver may take to answer.'),
  WEBHOOK_MAX_ATTEMPTS: counted(
    15,
    1,
    1000,
    'How often a receiver may refuse an event, by answering with other than 2xx, until it is a dead letter.',
  ),
  WEBHOOK_RETRY_FOR: timed(
    '24h',
    '1s',
    '720h',
    'How long an event that the receiver does not answer is tried until it is a dead letter.',
  ),
  WEBHOOK_CONCURRENCY: counted(4, 1, 64, 'Requests to one receiver at the same time, each of another chat.'),
  WEBHOOK_ALLOW_PRIVATE_ADDRESSES: chosen(
    ['true', 'false'],
    'false',
    'Whether webhooks may go to private, loopback and link-local addresses, such as services of the cluster. Whoever has the key can then reach what the pod reaches.',
  ),
  HTTP_MAX_BODY: sized(
    '24Mi',
    '1Ki',
    '1Gi',
    'Largest JSON body, which is held in memory; base64 makes a file in it a third larger. Larger files come as multipart or by URL, which go straight to the volume.',
  ),
  HTTP_MAX_CONNECTIONS: counted(512, 1, 65_535, 'How many connections the API holds at once.'),
  HTTP_REQUEST_TIMEOUT: timed('60s', '1s', '1h', 'How long a client may take to send its request.'),
  SHUTDOWN_TIMEOUT: timed(
    '25s',
    '1s',
    '10m',
    'How long the shutdown after SIGTERM may take before it is cut short.',
  ),
  LOG_LEVEL: chosen(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'What is logged. Phone numbers and ids of chats appear from `debug` on, bodies of messages never.',
  ),
} as const satisfies Readonly<Record<string, Variable>>;

export type VariableName = keyof typeof variables;
