import { expect, test } from 'vitest';
import { formatPlace, parsePlace } from './location.ts';

test.for([
  ['', { account: undefined, section: 'chats', chat: undefined }],
  ['#/491510000001/devices', { account: '491510000001', section: 'devices', chat: undefined }],
  [
    '#/491510000001/chats/4915700000000%40c.us',
    { account: '491510000001', section: 'chats', chat: '4915700000000@c.us' },
  ],
  ['#/<b>/nowhere/x', { account: undefined, section: 'chats', chat: undefined }],
  ['#/491510000001/chats/%E0%A4%A', { account: '491510000001', section: 'chats', chat: '%E0%A4%A' }],
] as const)('%s is a place', ([hash, place]) => {
  expect(parsePlace(hash)).toEqual(place);
});

test('a place that is written is read again', () => {
  const place = { account: '491510000001', section: 'chats', chat: '1203630@g.us' } as const;
  expect(parsePlace(formatPlace(place))).toEqual(place);
});
