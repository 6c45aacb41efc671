import { expect, test } from 'vitest';
import { AttendedClock } from './attended-clock.ts';

test('counts the time between looks, and of a long absence no more than a little', () => {
  const clock = new AttendedClock(1_000);
  for (const now of [5_000, 5_250, 5_500, 65_500, 65_750]) clock.tick(now);
  expect(clock.time).toBe(250 + 250 + 1_000 + 250);
});

test('stands still when the clock on the wall is set back', () => {
  const clock = new AttendedClock(1_000);
  for (const now of [5_000, 4_000, 4_100]) clock.tick(now);
  expect(clock.time).toBe(100);
});
