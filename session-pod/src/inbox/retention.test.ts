import { expect, it } from 'vitest';
import { type Holdings, PRUNE_BATCH, pruning } from './retention.ts';

const MAX = 1000;
const held = (different: Partial<Holdings> = {}): Holdings => ({
  first: 101,
  last: 200,
  bytes: 500,
  lastExpired: 100,
  doneWith: undefined,
  ...different,
});

it.each<readonly [string, Holdings, ReturnType<typeof pruning>]>([
  ['nothing is old and there is room', held(), undefined],
  ['what is old goes', held({ lastExpired: 120 }), { upTo: 120, gap: false }],
  [
    'what is old and a webhook needs stays',
    held({ lastExpired: 120, doneWith: 110 }),
    { upTo: 110, gap: false },
  ],
  ['a webhook that needs the oldest keeps everything', held({ lastExpired: 120, doneWith: 100 }), undefined],
  ['too large: the oldest go, in proportion', held({ bytes: 2000 }), { upTo: 150, gap: false }],
  [
    'too large: also what a webhook needs, and that is told',
    held({ bytes: 2000, doneWith: 110 }),
    { upTo: 150, gap: true },
  ],
  [
    'too large: what every webhook has is no gap',
    held({ bytes: 1100, doneWith: 110 }),
    { upTo: 110, gap: false },
  ],
  [
    'a single event that is larger than everything',
    held({ first: 200, bytes: 5000 }),
    { upTo: 200, gap: false },
  ],
  [
    'much at once goes in steps',
    held({ first: 1, last: 100_000, lastExpired: 90_000 }),
    { upTo: PRUNE_BATCH, gap: false },
  ],
])('%s', (_what, holdings, expected) => {
  expect(pruning(holdings, MAX)).toEqual(expected);
});
