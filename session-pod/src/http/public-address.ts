import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether an address belongs to the public internet: not private, loopback, link-local, mapped or tunnelled. */
export function isPublicAddress(address: string): boolean {
  // `process` sees through IPv4 addresses that are written as IPv6.
  return isIP(address) !== 0 && ipaddr.process(address).range() === 'unicast';
}

/** A name that leads to no public address. */
export class PrivateAddressError extends Error {
  constructor(hostname: string) {
    super(`${hostname} has no public address`);
    this.name = 'PrivateAddressError';
  }
}

type Lookup = typeof systemLookup;
type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/**
 * A DNS lookup that gives public addresses only. A connection uses just what it gives, so a name that answers
 * differently the second time (DNS rebinding) gains nothing.
 */
export const publicLookup =
  (lookup: Lookup = systemLookup) =>
  (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const addresses = found.filter(({ address }) => isPublicAddress(address));
      const [first] = addresses;
      if (first === undefined) callback(new PrivateAddressError(hostname), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
