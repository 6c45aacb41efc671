import type { State } from './state.ts';

export const ownJid = (number: string): string => `${number}@c.us`;

export const isGroup = (jid: string): boolean => jid.endsWith('@g.us');

const digitsOf = (jid: string): string => jid.slice(0, jid.indexOf('@'));

/** `+49 151 …` is a matter of countries; the digits alone are right everywhere. */
export const formatNumber = (number: string): string => `+${number}`;

/** What the account's phone calls a person or a group. */
export function nameOf({ accounts, phone }: Pick<State, 'accounts' | 'phone'>, jid: string): string {
  if (phone !== undefined && jid === ownJid(phone.number)) return 'You';
  const known =
    phone?.groups.find((group) => group.jid === jid)?.subject ??
    phone?.contacts.find((contact) => contact.jid === jid)?.name ??
    accounts.find(({ number }) => ownJid(number) === jid)?.name;
  return known ?? formatNumber(digitsOf(jid));
}

/** One or two letters for a round picture. */
export function initialsOf(name: string): string {
  const letters = name
    .split(/\s+/)
    .map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? '')
    .filter((letter) => letter !== '');
  return [letters[0], letters.length > 1 ? letters.at(-1) : ''].join('').toUpperCase() || '#';
}

/** A hue, 0 to 359, that stays with a name. */
export const hueOf = (jid: string): number =>
  [...jid].reduce((hue, letter) => (hue * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
