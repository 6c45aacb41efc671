import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { type Clock, systemClock } from './clock.ts';
import { ApiError } from './errors.ts';

/**
 * Who we are to the API server and how it is reached, read anew from time to time: tokens, certificates and
 * certificate authorities rotate while a process runs.
 */
export interface Access {
  /** `https://10.96.0.1:443`, possibly with a path behind which the API lies. */
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsSettings;
  /** HTTP proxy on the way. */
  readonly proxy?: string | undefined;
}

export interface TlsSettings {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Gives the access that holds now. It may throw; what it throws is passed on as an error of code `credentials`. */
export type AccessSource = () => Promise<Access>;

/** Connections and the headers that go with them. */
export interface Link {
  readonly requests: Dispatcher;
  /** For requests whose answer goes on and on. */
  readonly streams: Dispatcher;
  readonly origin: string;
  readonly host: string;
  readonly pathPrefix: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The connections to the API server. Guarantees:
 * - at most `connections` for all requests together, which wait for a free one; watches have connections of their own,
 *   one each, so that many watched namespaces never leave requests without any;
 * - the access is read again after `refreshMs`, or at once when `renew` is asked for; concurrent readers share one
 *   reading;
 * - a reading that fails leaves the last access in use, for which the server may still have an answer;
 * - changed certificates open a new pool; requests under way end on the old one.
 */
export interface Connection {
  link(renew?: boolean): Promise<Link>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly access: AccessSource;
  /** Most connections at a time, without those of watches. Default 16. */
  readonly connections?: number;
  /** Default 30 s. */
  readonly refreshMs?: number;
  readonly clock?: Clock;
}

interface Pools {
  readonly identity: string;
  readonly requests: Dispatcher;
  readonly streams: Dispatcher;
}

export function createConnection(options: ConnectionOptions): Connection {
  const clock = options.clock ?? systemClock;
  const refreshMs = options.refreshMs ?? 30_000;
  let pools: Pools | undefined;
  let current: { readonly link: Link; readonly readAt: number } | undefined;
  let reading: Promise<Link> | undefined;

  async function read(): Promise<Link> {
    try {
      return take(await options.access());
    } catch (cause) {
      if (current !== undefined) {
        current = { ...current, readAt: clock.monotonic() };
        return current.link;
      }
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new ApiError({ attempted: 'reading credentials', code: 'credentials', message, cause });
    }
  }

  function take(access: Access): Link {
    const identity = identityOf(access);
    if (pools?.identity !== identity) {
      // They end when the last request on them has.
      for (const old of [pools?.requests, pools?.streams]) old?.close().catch(() => {});
      pools = {
        identity,
        requests: openPool(access, options.connections ?? 16),
        streams: openPool(access, null),
      };
    }
    const url = new URL(access.server);
    const link: Link = {
      requests: pools.requests,
      streams: pools.streams,
      origin: url.origin,
      host: url.host,
      pathPrefix: url.pathname.replace(/\/$/, ''),
      headers: access.headers,
    };
    current = { link, readAt: clock.monotonic() };
    return link;
  }

  return {
    link: async (renew = false) => {
      if (!renew && current !== undefined && clock.monotonic() - current.readAt < refreshMs) {
        return current.link;
      }
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    close: async () => {
      await Promise.all([pools?.requests.destroy(), pools?.streams.destroy()]);
    },
  };
}

/** Equal for accesses that may share connections. A digest, so that no private key is kept twice. */
function identityOf({ server, tls, proxy }: Access): string {
  const { ca, cert, key, servername, rejectUnauthorized } = tls;
  return createHash('sha256')
    .update(JSON.stringify([server, proxy, ca, cert, key, servername, rejectUnauthorized]))
    .digest('hex');
}

/** `connections` is null for as many as are asked for. */
function openPool(access: Access, connections: number | null): Dispatcher {
  const tls = Object.fromEntries(Object.entries(access.tls).filter(([, value]) => value !== undefined));
  const pool = {
    connections,
    // One request at a time on each: a reset then concerns one request.
    pipelining: 1,
    allowH2: false,
    // Below the 90 s after which the API server closes an idle connection.
    keepAliveTimeout: 60_000,
    keepAliveMaxTimeout: 80_000,
  };
  const connect = { ...tls, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 };
  return access.proxy === undefined
    ? new Agent({ ...pool, connect })
    : new ProxyAgent({ ...pool, uri: access.proxy, requestTls: connect });
}
