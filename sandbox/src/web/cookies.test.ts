import { expect, test } from 'vitest';
import { readCookie } from './cookies.ts';

test.for([
  ['a=1; b=2', 'b', '2'],
  ['b=2', 'b', '2'],
  ['ab=1', 'b', undefined],
  [undefined, 'b', undefined],
] as const)('in "%s" the cookie %s is %s', ([header, name, value]) => {
  expect(readCookie(header, name)).toBe(value);
});
