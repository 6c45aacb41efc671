import { expect, test } from 'vitest';
import { servedType } from './served-type.ts';

test.for([
  ['image/png', 'image/png'],
  ['audio/ogg; codecs=opus', 'audio/ogg'],
  ['VIDEO/MP4', 'video/mp4'],
  ['image/svg+xml', 'application/octet-stream'],
  ['text/html', 'application/octet-stream'],
  ['image/png\r\nset-cookie: a=b', 'application/octet-stream'],
  [undefined, 'application/octet-stream'],
] as const)('%s is served as %s', ([wanted, served]) => {
  expect(servedType(wanted)).toBe(served);
});
