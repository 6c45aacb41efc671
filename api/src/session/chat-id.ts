import { z } from 'zod';

/**
 * Chat ids as people and programs write them, turned into the one form that WhatsApp Web uses. Pure; says no rather
 * than guess: a wrong guess sends somebody's message to a stranger.
 */

/** What became of a chat id as it was written. */
export type ChatIdResult =
  | { readonly kind: 'ok'; readonly chatId: string }
  /** Not a chat id at all. */
  | { readonly kind: 'invalid'; readonly detail: string }
  /** A chat id of a kind that cannot be written to. */
  | { readonly kind: 'unsupported'; readonly detail: string };

/** A phone number is at least 7 and, by ITU-T E.164, at most 15 digits, country code first, never 0. */
const PHONE_NUMBER = /^[1-9]\d{6,14}$/;
/** A hidden identity, which is longer than a phone number may be. */
const HIDDEN_ID = /^[1-9]\d{4,19}$/;
/** The old form of a group has its maker's number and the second of its making. */
const GROUP_ID = /^\d{5,20}(-\d{5,12})?$/;
/** What people put between the digits of a phone number. */
const SEPARATORS = /[\s\u00A0\u2010-\u2015().\-/]/g;

const invalid = (detail: string): ChatIdResult => ({ kind: 'invalid', detail });
const unsupported = (detail: string): ChatIdResult => ({ kind: 'unsupported', detail });
const ok = (chatId: string): ChatIdResult => ({ kind: 'ok', chatId });

/** A phone number as digits only, country code first; undefined when it is none. Takes `+`, blanks and the like. */
export function normalizePhoneNumber(written: string): string | undefined {
  const digits = written.trim().replaceAll(SEPARATORS, '').replace(/^\+/, '');
  return PHONE_NUMBER.test(digits) ? digits : undefined;
}

/**
 * The chat that somebody means: `+55 11 91234-5678`, bare digits, `…@s.whatsapp.net` (with or without a device
 * number), `…@c.us`, `…@lid`, `…@g.us`. The answer ends in `@c.us`, `@lid` or `@g.us`.
 */
export function normalizeChatId(written: string): ChatIdResult {
  const trimmed = written.trim();
  if (trimmed === '') return invalid('the chat is empty');
  const at = trimmed.indexOf('@');
  if (at === -1) return phoneChat(trimmed);
  return addressedChat(trimmed.slice(0, at), trimmed.slice(at + 1).toLowerCase());
}

function phoneChat(written: string): ChatIdResult {
  const number = normalizePhoneNumber(written);
  if (number !== undefined) return ok(`${number}@c.us`);
  return invalid(
    'a phone number has 7 to 15 digits and begins with the country code, without 0 or 00 in front of it',
  );
}

function addressedChat(user: string, server: string): ChatIdResult {
  switch (server) {
    case 'c.us':
    case 's.whatsapp.net': {
      // A device of a person writes as `number:device`; messages go to the person.
      const number = user.replace(/:\d{1,5}$/, '');
      return PHONE_NUMBER.test(number) ? ok(`${number}@c.us`) : invalid(`@${server} follows 7 to 15 digits`);
    }
    case 'lid': {
      const id = user.replace(/:\d{1,5}$/, '');
      return HIDDEN_ID.test(id) ? ok(`${id}@lid`) : invalid('@lid follows digits');
    }
    case 'g.us':
      return GROUP_ID.test(user) ? ok(`${user}@g.us`) : invalid('@g.us follows the digits of a group');
    case 'newsletter':
      return unsupported('channels (newsletters) cannot be written to');
    case 'broadcast':
      return unsupported('status updates and broadcast lists cannot be written to');
    default:
      return invalid('known endings are @c.us, @s.whatsapp.net, @lid and @g.us');
  }
}

/** Marks the refusal of a chat of a kind that cannot be written to, so that it gets a problem code of its own. */
export const UNSUPPORTED_CHAT = 'unsupported_chat';

/** A chat in any of the forms that `normalizeChatId` takes; parsed to the one form. */
export const chatId = z
  .string()
  .max(128)
  .transform((written, context) => {
    const result = normalizeChatId(written);
    if (result.kind === 'ok') return result.chatId;
    context.addIssue({
      code: 'custom',
      message: result.detail,
      ...(result.kind === 'unsupported' ? { params: { problem: UNSUPPORTED_CHAT } } : {}),
    });
    return z.NEVER;
  })
  .meta({
    description:
      'A person or a group: `+55 11 91234-5678`, bare digits with country code, `…@c.us`, `…@s.whatsapp.net`, `…@lid` or `…@g.us`',
    examples: ['+55 11 91234-5678', '5511912345678@c.us', '120363025246125486@g.us'],
  });

/** A phone number in international form; parsed to digits only. */
export const phoneNumber = z
  .string()
  .max(64)
  .transform((written, context) => {
    const number = normalizePhoneNumber(written);
    if (number !== undefined) return number;
    context.addIssue({
      code: 'custom',
      message: '7 to 15 digits, beginning with the country code; +, blanks, dashes and brackets are allowed',
    });
    return z.NEVER;
  })
  .meta({ description: 'A phone number with country code', examples: ['+55 11 91234-5678'] });
