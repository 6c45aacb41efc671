import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeChatId, normalizePhoneNumber } from './chat-id.ts';

test.each([
  // What people write.
  ['+55 11 91234-5678', '5511912345678@c.us'],
  ['+55 (11) 91234.5678', '5511912345678@c.us'],
  ['  +49 1510 0000001 ', '4915100000001@c.us'],
  ['+49\u00a01510\u20110000001', '4915100000001@c.us'],
  ['+49/1510/0000001', '4915100000001@c.us'],
  ['5511912345678', '5511912345678@c.us'],
  ['1234567', '1234567@c.us'],
  // What programs write.
  ['5511912345678@c.us', '5511912345678@c.us'],
  ['5511912345678@s.whatsapp.net', '5511912345678@c.us'],
  ['5511912345678:12@s.whatsapp.net', '5511912345678@c.us'],
  ['5511912345678@C.US', '5511912345678@c.us'],
  ['120363025246125486@g.us', '120363025246125486@g.us'],
  ['491510000001-1612345678@g.us', '491510000001-1612345678@g.us'],
  ['98765432109876@lid', '98765432109876@lid'],
  ['98765432109876:3@lid', '98765432109876@lid'],
])('%j is the chat %s', (written, chatId) => {
  expect(normalizeChatId(written)).toEqual({ kind: 'ok', chatId });
});

test.each([
  '',
  '   ',
  'Maria',
  '+',
  '123456',
  '1234567890123456',
  '0151 0000001',
  '0049 1510 0000001',
  '+55 11 91234-5678 ext 3',
  '٥٥١١٩١٢٣٤٥٦٧٨',
  '@c.us',
  '+5511912345678@c.us',
  'maria@c.us',
  '5511912345678@',
  '5511912345678@gmail.com',
  '5511912345678@c.us@c.us',
  '5511912345678@c.us/../x',
  'group@g.us',
  '120363025246125486-@g.us',
  '5511912345678\u0000@c.us',
])('%j is no chat id', (written) => {
  expect(normalizeChatId(written).kind).toBe('invalid');
});

test.each(['120363025246125486@newsletter', 'status@broadcast', '1612345678@broadcast'])(
  '%s is known, and cannot be written to',
  (written) => {
    expect(normalizeChatId(written).kind).toBe('unsupported');
  },
);

test('whatever is written: no exception, and an accepted id is its own normal form', () => {
  const loose = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^\+?[\d ().-]{0,20}$/),
    fc.stringMatching(/^[\d:-]{0,24}@(c\.us|g\.us|lid|s\.whatsapp\.net|newsletter|x)$/),
  );
  fc.assert(
    fc.property(loose, (written) => {
      const result = normalizeChatId(written);
      if (result.kind !== 'ok') return;
      expect(result.chatId).toMatch(/^(\d{7,15}@c\.us|\d{5,20}@lid|\d{5,20}(-\d{5,12})?@g\.us)$/);
      expect(normalizeChatId(result.chatId)).toEqual(result);
    }),
    { numRuns: 2000 },
  );
});

test('separators never change which number is meant', () => {
  const number = fc.stringMatching(/^[1-9]\d{6,14}$/);
  const separated = fc.tuple(
    number,
    fc.array(fc.constantFrom('', ' ', '-', '.', '(', ')'), { minLength: 15 }),
  );
  fc.assert(
    fc.property(separated, ([digits, between]) => {
      const written = [...digits].map((digit, index) => `${between[index] ?? ''}${digit}`).join('');
      expect(normalizePhoneNumber(`+${written}`)).toBe(digits);
    }),
  );
});
