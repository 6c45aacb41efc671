import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../random.ts';
import { checkedNumber, isRegistered, lidOf, pairingCode, phoneOf, userJid } from './ids.ts';

const number = fc.stringMatching(/^[1-9]\d{6,14}$/);

test('a hidden id leads back to its number, and no two numbers share one', () => {
  fc.assert(fc.property(number, (digits) => phoneOf(lidOf(userJid(digits))) === userJid(digits)));
});

test.for([
  ['4915112345678', true],
  ['015112345678', false],
  ['+4915112345678', false],
  ['123456', false],
  ['1234567890123456', false],
] as const)('number "%s" is accepted: %s', ([text, accepted]) => {
  const check = () => checkedNumber(text);
  if (accepted) expect(check()).toBe(text);
  else expect(check).toThrow(expect.objectContaining({ code: 'NUMBER_INVALID' }));
});

test('numbers that begin with 999 have no WhatsApp', () => {
  expect(isRegistered('99915112345678@c.us')).toBe(false);
  expect(isRegistered('4915112345678@c.us')).toBe(true);
  expect(isRegistered('120363012345678901@g.us')).toBe(false);
});

test('a pairing code depends on its seed alone', () => {
  expect(pairingCode(seededRandom('x'))).toBe(pairingCode(seededRandom('x')));
  expect(pairingCode(seededRandom('x'))).toMatch(/^[1-9A-HJKMNP-Z]{8}$/);
});
