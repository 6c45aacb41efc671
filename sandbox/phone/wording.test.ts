import { expect, test } from 'vitest';
import { hueOf, initialsOf } from './names.ts';
import { sizeWords, summaryOf } from './wording.ts';

test.for([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_500, '1.5 KB'],
  [30_000, '30 KB'],
  [12_345_678, '12 MB'],
] as const)('%i is %s', ([bytes, words]) => {
  expect(sizeWords(bytes)).toBe(words);
});

test('a message in one line says what it holds', () => {
  const media = {
    kind: 'image',
    mimetype: 'image/png',
    size: 1,
    filehash: '',
    directPath: '',
    mediaKey: '',
  } as const;
  expect(summaryOf({ content: { kind: 'media', media } })).toBe('Photo');
  expect(summaryOf({ content: { kind: 'media', media: { ...media, caption: 'look' } } })).toBe('Photo: look');
  expect(summaryOf({ content: { kind: 'text', body: '' }, revoked: true })).toBe('This message was deleted');
});

test.for([
  ['Ada Okafor', 'AO'],
  ['ada', 'A'],
  ['+4915700', '4'],
  ['👩‍🚀', '#'],
] as const)('%s has the initials %s', ([name, initials]) => {
  expect(initialsOf(name)).toBe(initials);
});

test('a colour stays with its person', () => {
  expect(hueOf('a@c.us')).toBe(hueOf('a@c.us'));
  expect(hueOf('a@c.us')).toBeLessThan(360);
});
