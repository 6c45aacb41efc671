import { SandboxError } from '../errors.ts';
import { type Random, randomText } from '../random.ts';
import type { Jid } from '../wire.ts';

const HEX = '0123456789ABCDEF';
/** No I, L, O, U, 0: a person types this code from one screen into another. */
const CODE_ALPHABET = '123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `4915…` → `4915…@c.us`. */
export const userJid = (number: string): Jid => `${number}@c.us`;

/** `4915…@c.us` → `4915…`; a group's or a hidden id's digits likewise. */
export const digitsOf = (jid: Jid): string => jid.slice(0, jid.indexOf('@'));

export const isGroup = (jid: Jid): boolean => jid.endsWith('@g.us');

/**
 * The hidden id of a number: WhatsApp's are unrelated to the number; ours are derived from it, so that no
 * table is needed and a test can tell what to expect.
 */
export const lidOf = (jid: Jid): Jid =>
  `${[...digitsOf(jid)].map((digit) => (7 * Number(digit) + 3) % 10).join('')}@lid`;

/** Undoes `lidOf`. */
export const phoneOf = (lid: Jid): Jid =>
  userJid([...digitsOf(lid)].map((digit) => (3 * (Number(digit) + 7)) % 10).join(''));

/** A number in international form without symbols, 7 to 15 digits; throws NUMBER_INVALID otherwise. */
export function checkedNumber(number: string): string {
  if (!/^[1-9]\d{6,14}$/.test(number)) {
    throw new SandboxError('NUMBER_INVALID', `"${number}" is not an international phone number in digits`);
  }
  return number;
}

/** Every number has WhatsApp here, save those that begin with 999: a test needs some that have not. */
export const isRegistered = (jid: Jid): boolean =>
  !jid.startsWith('999') && /^[1-9]\d{6,14}@c\.us$/.test(jid);

/** The id of a message from a phone: 32 characters, by which whatsapp-web.js tells an Android phone. */
export const phoneMessageId = (random: Random): string => randomText(random, HEX, 32);

export const groupJid = (random: Random): Jid => `1203630${randomText(random, '0123456789', 11)}@g.us`;

/** Eight characters that the person enters on the phone. */
export const pairingCode = (random: Random): string => randomText(random, CODE_ALPHABET, 8);

/** The part of a QR code that names the offer; the real one is longer and opaque as well. */
export const linkRef = (random: Random): string =>
  `2@${randomText(random, `${HEX}abcdefghijklmnopqrstuvwxyz`, 80)}`;
