import { expect, test } from 'vitest';
import { type LinkOffer, matchScan, qrText } from './linking.ts';

const offer = (ref: string | null): LinkOffer => ({
  ref,
  keys: { staticKey: 'static=', identityKey: 'identity=', advSecret: 'secret=', platform: '1' },
});

const offers = [offer('2@old'), offer(null), offer('2@new')];

test.for([
  ['2@new,static=,identity=,secret=,1', { kind: 'match', index: 2 }],
  ['2@gone,static=,identity=,secret=,1', { kind: 'expired' }],
  ['2@new,other=,identity=,secret=,1', { kind: 'keys-differ' }],
  ['2@new,static=,identity=,secret=', { kind: 'malformed' }],
  ['2@new,static=,identity=,secret=,1,more', { kind: 'malformed' }],
  ['', { kind: 'malformed' }],
] as const)('scanning "%s" gives %o', ([qr, expected]) => {
  expect(matchScan(qr, offers)).toEqual(expected);
});

test('an offer without a ref shows no QR code', () => {
  expect(qrText(offer(null))).toBeNull();
});
