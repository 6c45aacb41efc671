import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether a name or address, as a URL has it, is this machine itself. */
function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return host === 'localhost' || host.endsWith('.localhost');
  return ipaddr.process(host).range() === 'loopback';
}

/**
 * Whether a request comes from a web page that somebody has open on this machine, and not from a program. Without a
 * key such a page could send messages: a browser lets any page post to loopback, and a name that is made to lead
 * there (DNS rebinding) lets it read the answers too. Pure.
 */
export function isFromForeignPage({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  const target = URL.parse(`http://${host ?? ''}`);
  if (target === null || !isLoopbackHost(target.hostname)) return true;
  if (site === 'cross-site' || site === 'same-site') return true;
  return origin !== undefined && URL.parse(origin)?.host !== target.host;
}
