/**
 * The id that WhatsApp will know the message by, in the form in which its web client makes them: 3EB0 and 18 upper-case
 * hexadecimal digits. Made once, at acceptance, and used by every attempt.
 *
 * @param bytes 9 bytes that nobody can guess
 */
export const pinnedId = (bytes: Uint8Array): string =>
  `3EB0${Buffer.from(bytes).toString('hex').toUpperCase()}`;

/** Our part of a full id (`true_<chat>_<id>`, in groups with `_<author>`); undefined for what is not from us. */
export function pinnedIdOf(whatsappId: string): string | undefined {
  const [fromMe, , id] = whatsappId.split('_');
  return fromMe === 'true' && id !== undefined && id !== '' ? id : undefined;
}
