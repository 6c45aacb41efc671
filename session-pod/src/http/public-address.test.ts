import type { LookupAddress, lookup } from 'node:dns';
import { expect, test } from 'vitest';
import { isPublicAddress, PrivateAddressError, publicLookup } from './public-address.ts';

test.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'ff02::1',
  'localhost',
  '',
])('%s is not', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

const answering = (addresses: readonly LookupAddress[]): typeof lookup =>
  ((_name: string, _options: unknown, callback: (error: null, found: readonly LookupAddress[]) => void) =>
    callback(null, addresses)) as unknown as typeof lookup;

test('of a name with public and private addresses only the public ones are used', () => {
  const found = new Promise((resolve, reject) => {
    const look = publicLookup(
      answering([
        { address: '127.0.0.1', family: 4 },
        { address: '93.184.216.34', family: 4 },
      ]),
    );
    look('two.example', { all: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });
  return expect(found).resolves.toEqual([{ address: '93.184.216.34', family: 4 }]);
});

test('a name that leads inside is refused, however it is asked for', async () => {
  const look = publicLookup(answering([{ address: '169.254.169.254', family: 4 }]));
  for (const all of [true, false]) {
    const error = await new Promise((resolve) => look('inside.example', { all }, resolve));
    expect(error).toBeInstanceOf(PrivateAddressError);
  }
});
