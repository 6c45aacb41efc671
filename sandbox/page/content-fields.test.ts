import { expect, test } from 'vitest';
import type { Content } from '../src/wire.ts';
import { toContent, toFields } from './content-fields.ts';

test.for<readonly [string, Content]>([
  ['text', { kind: 'text', body: 'hello' }],
  [
    'file',
    {
      kind: 'media',
      media: {
        kind: 'document',
        mimetype: 'application/pdf',
        size: 5,
        filehash: 'hash',
        directPath: '/v/media/1',
        mediaKey: 'key',
        filename: 'a.pdf',
        caption: undefined,
      },
    },
  ],
  ['location', { kind: 'location', latitude: 1, longitude: 2, description: 'x', url: undefined }],
  ['contact card', { kind: 'contacts', cards: [{ name: 'Ada', vcard: 'BEGIN' }] }],
  [
    'list of contact cards',
    {
      kind: 'contacts',
      cards: [
        { name: 'Ada', vcard: 'A' },
        { name: 'Ben', vcard: 'B' },
      ],
    },
  ],
  ['poll', { kind: 'poll', name: 'q', options: ['a', 'b'], selectable: 0 }],
])('a %s is the same after a way through the model', ([, content]) => {
  expect(toContent(toFields(content))).toEqual(content);
});

test('a type that the wire cannot carry is refused by name', () => {
  expect(() => toContent({ type: 'list' })).toThrow('"list"');
});
