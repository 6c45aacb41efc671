import { expect, test } from 'vitest';
import { jittered, randomText, seededRandom } from './random.ts';

const draw = (seed: string, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

test('the same seed repeats its numbers, and another seed gives others', () => {
  expect(draw('a', 50)).toEqual(draw('a', 50));
  expect(draw('a', 50)).not.toEqual(draw('b', 50));
});

test('the numbers lie in [0, 1) and spread evenly', () => {
  const numbers = draw('spread', 10_000);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  expect(mean).toBeGreaterThan(0.48);
  expect(mean).toBeLessThan(0.52);
});

test('a jittered duration lies between half and one and a half', () => {
  expect(jittered(() => 0, 100)).toBe(50);
  expect(jittered(() => 0.999, 100)).toBeCloseTo(149.9);
});

test('random text uses only its alphabet', () => {
  expect(randomText(seededRandom('text'), 'ab', 100)).toMatch(/^[ab]{100}$/);
});
