import { Agent } from 'undici';
import { isPublicAddress, publicLookup } from './public-address.ts';

/**
 * What requests to addresses that somebody else chose have in common. Guarantees: HTTP and HTTPS only; by default
 * public addresses only, on the address that is really connected to, whatever a name resolved to before.
 */
export type Target =
  | { readonly kind: 'ok'; readonly url: URL }
  | { readonly kind: 'refused'; readonly detail: string }
  /** It leads to an address that is not public. */
  | { readonly kind: 'private' };

export function checkTarget(
  written: string,
  { allowPrivate, base }: { readonly allowPrivate: boolean; readonly base?: URL | undefined },
): Target {
  const url = URL.parse(written, base?.href);
  if (url === null) return { kind: 'refused', detail: 'the address is not a URL' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { kind: 'refused', detail: `only http and https are possible, not ${url.protocol}` };
  if (url.username !== '' || url.password !== '')
    return { kind: 'refused', detail: 'an address must not contain a user name or password' };
  // A literal address is connected to without any lookup.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return !allowPrivate && isIP(host) && !isPublicAddress(host) ? { kind: 'private' } : { kind: 'ok', url };
}

export function outboundAgent({
  allowPrivate,
  connectTimeoutMs,
  keepAliveMs,
  lookup,
}: {
  readonly allowPrivate: boolean;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  /** How names become addresses, before those that are not public are dropped. */
  readonly lookup?: Parameters<typeof publicLookup>[0] | undefined;
}): Agent {
  return new Agent({
    connect: {
      timeout: connectTimeoutMs,
      ...(allowPrivate ? {} : { lookup: publicLookup(lookup) }),
    },
    keepAliveTimeout: keepAliveMs,
    allowH2: false,
  });
}

const isIP = (host: string): boolean => /^[\d.]+$/.test(host) || host.includes(':');

/** The code alone: messages of the network stack name addresses inside the cluster. */
export function describeNetworkError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'the connection failed';
}
