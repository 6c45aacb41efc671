import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../sandbox/src/random.ts';
import { disturbanceKinds, type Planned, planDisturbances } from './schedule.ts';

function take(seed: string, count: number): readonly Planned[] {
  return planDisturbances(seededRandom(seed), 1000).take(count).toArray();
}

test('a seed repeats its schedule', () => {
  expect(take('7', 100)).toEqual(take('7', 100));
  expect(take('7', 100)).not.toEqual(take('8', 100));
});

test('the first round leaves no kind out, whatever the seed', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const kinds = take(seed, disturbanceKinds.length).map(({ disturbance }) => disturbance.kind);
      expect(kinds.toSorted()).toEqual([...disturbanceKinds].sort());
    }),
  );
});

test('pauses are half to one and a half of what was asked for', () => {
  for (const { afterMs } of take('1', 500)) {
    expect(afterMs).toBeGreaterThanOrEqual(500);
    expect(afterMs).toBeLessThan(1500);
  }
});
