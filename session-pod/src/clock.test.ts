import { expect, test } from 'vitest';
import { steadyTime } from './clock.ts';

const rig = () => {
  const time = { wall: 1_000_000, elapsed: 5.25 };
  const now = steadyTime(
    () => time.wall,
    () => time.elapsed,
  );
  const pass = (ms: number, ofTheWall = ms) => {
    time.elapsed += ms;
    time.wall += ofTheWall;
    return now();
  };
  return { now, pass };
};

test('the time of day, in whole milliseconds', () => {
  const { now, pass } = rig();
  expect(now()).toBe(1_000_000);
  expect(pass(10)).toBe(1_000_010);
});

test('a clock that is set back by an hour holds nothing up: time goes on as it was', () => {
  const { pass } = rig();
  expect(pass(10, -3_600_000)).toBe(1_000_010);
  expect(pass(10)).toBe(1_000_020);
});

test('a clock that is set forward, or a machine that slept, is followed', () => {
  const { pass } = rig();
  expect(pass(10, 3_600_000)).toBe(4_600_000);
  expect(pass(10)).toBe(4_600_010);
});

test('set back and forward again: neither jumps back nor counts twice', () => {
  const { pass } = rig();
  expect(pass(10, -3_600_000)).toBe(1_000_010);
  expect(pass(10, 3_600_020)).toBe(1_000_020);
});
