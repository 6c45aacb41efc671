import { z } from 'zod';
import { address } from './control/shapes.ts';
import { SandboxError } from './errors.ts';
import { type Timing, timingSchema } from './timing.ts';

/** Everything that a start of the sandbox can be told. */
export interface Settings {
  /** Address that both ports listen on. SANDBOX_HOST, default 127.0.0.1. */
  readonly host: string;
  /** HTTPS port that stands for web.whatsapp.com; 0 takes a free one. SANDBOX_WEB_PORT, default 8443. */
  readonly webPort: number;
  /** HTTP port of the control API; 0 takes a free one. SANDBOX_CONTROL_PORT, default 8080. */
  readonly controlPort: number;
  /** `host:port` at which browsers reach the web port, if not 127.0.0.1. SANDBOX_ADVERTISED_ADDRESS. */
  readonly advertisedAddress: string | undefined;
  /** Folder for key, database and files; ':memory:' keeps nothing. SANDBOX_DATA, default ./sandbox-data. */
  readonly dataFolder: string;
  /** Repeats every random choice. SANDBOX_SEED, default 1. */
  readonly seed: string;
  /** Numbers of accounts that exist from the start: SANDBOX_ACCOUNTS of them from SANDBOX_FIRST_NUMBER on. */
  readonly accounts: readonly string[];
  /** Whether those accounts' phones enter pairing codes by themselves. SANDBOX_AUTO_LINK, default true. */
  readonly autoLink: boolean;
  /** How many people each of those accounts knows. SANDBOX_CONTACTS, default 3. */
  readonly contacts: number;
  /** pino level. SANDBOX_LOG_LEVEL, default info. */
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Delays: SANDBOX_TIMING_SERVER_MS and so on, one per name in `timingSchema`. */
  readonly timing: Timing;
}

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

const environmentSchema = z.object({
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_WEB_PORT: port(8443),
  SANDBOX_CONTROL_PORT: port(8080),
  SANDBOX_ADVERTISED_ADDRESS: address.optional(),
  SANDBOX_DATA: z.string().min(1).default('./sandbox-data'),
  SANDBOX_SEED: z.string().min(1).default('1'),
  SANDBOX_ACCOUNTS: z.coerce.number().int().min(0).max(10_000).default(1),
  SANDBOX_FIRST_NUMBER: z
    .string()
    .regex(/^[1-9]\d{6,14}$/, 'must be 7 to 15 digits')
    .default('491510000001'),
  SANDBOX_AUTO_LINK: z.stringbool().default(true),
  SANDBOX_CONTACTS: z.coerce.number().int().min(0).max(1000).default(3),
  SANDBOX_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

const environmentName = (key: string): string =>
  `SANDBOX_TIMING_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** Reads the settings; throws SETTINGS_INVALID with every mistake in one message. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const general = environmentSchema.safeParse(environment);
  const timing = timingSchema.safeParse(
    Object.fromEntries(
      Object.keys(timingSchema.shape).flatMap((key) => {
        const value = environment[environmentName(key)];
        return value === undefined ? [] : [[key, Number(value)]];
      }),
    ),
  );
  const problems = [
    ...(general.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
    ...(timing.error?.issues ?? []).map(
      ({ path, message }) => `${environmentName(String(path[0]))}: ${message}`,
    ),
  ];
  if (!general.success || !timing.success) {
    throw new SandboxError('SETTINGS_INVALID', `the settings are wrong:\n${problems.join('\n')}`);
  }
  const read = general.data;
  const first = BigInt(read.SANDBOX_FIRST_NUMBER);
  return {
    host: read.SANDBOX_HOST,
    webPort: read.SANDBOX_WEB_PORT,
    controlPort: read.SANDBOX_CONTROL_PORT,
    advertisedAddress: read.SANDBOX_ADVERTISED_ADDRESS,
    dataFolder: read.SANDBOX_DATA,
    seed: read.SANDBOX_SEED,
    accounts: Array.from({ length: read.SANDBOX_ACCOUNTS }, (_, index) => String(first + BigInt(index))),
    autoLink: read.SANDBOX_AUTO_LINK,
    contacts: read.SANDBOX_CONTACTS,
    logLevel: read.SANDBOX_LOG_LEVEL,
    timing: timing.data,
  };
}
