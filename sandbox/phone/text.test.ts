import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseText } from './text.ts';

const show = (text: string) =>
  parseText(text)
    .map((piece) => `${piece.kind}(${piece.text})`)
    .join('');

test.for([
  ['plain words', 'plain(plain words)'],
  [
    'is the *blue* one _really_ ~gone~?',
    'plain(is the )bold(blue)plain( one )italic(really)plain( )strike(gone)plain(?)',
  ],
  ['```const a = *b*```', 'code(const a = *b*)'],
  ['see https://example.com/a_b_c.', 'plain(see )link(https://example.com/a_b_c)plain(.)'],
  ['2*3*4 and snake_case_name', 'plain(2*3*4 and snake_case_name)'],
  ['* not bold *', 'plain(* not bold *)'],
  ['<b>no markup</b>', 'plain(<b>no markup</b>)'],
] as const)('%s', ([text, pieces]) => {
  expect(show(text)).toBe(pieces);
});

test('nothing of a text is lost, whatever it holds', () => {
  const letters = fc.array(fc.constantFrom('*', '_', '~', '`', 'a', ' ', '\n', 'https://x.y'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(letters, (parts) => {
      const text = parts.join('');
      const bare = (value: string) => value.replaceAll(/[*_~`]/g, '');
      expect(
        bare(
          parseText(text)
            .map((piece) => piece.text)
            .join(''),
        ),
      ).toBe(bare(text));
    }),
  );
});
