import { describe, expect, it } from 'vitest';
import type { BuiltImage } from './built-image.ts';
import { builtLines, listLines } from './report.ts';

const small: BuiltImage = {
  name: 'probe',
  tag: 'localhost/whatsapp-operator/probe:dev',
  id: `sha256:${'ab'.repeat(32)}`,
  key: undefined,
  archive: '/cache/probe.tar',
  bytes: 1.5 * 2 ** 20,
  outcome: 'built',
  seconds: 4.26,
};
const large: BuiltImage = {
  ...small,
  name: 'sandbox',
  bytes: 412 * 2 ** 20,
  outcome: 'unchanged',
  seconds: 0.5,
};

describe('what is printed', () => {
  it('after a build has a line per image, in columns', () => {
    expect(builtLines([small, large])).toEqual([
      'probe    abababababab  1.5 MiB    rebuilt    4.3 s',
      'sandbox  abababababab  412.0 MiB  unchanged  0.5 s',
    ]);
  });

  it('by list shows where each archive is', () => {
    expect(listLines([small])).toEqual([
      'localhost/whatsapp-operator/probe:dev  abababababab  1.5 MiB  /cache/probe.tar',
    ]);
  });

  it('by list says so when there is nothing', () => {
    expect(listLines([])).toEqual(['no image has been built yet']);
  });
});
