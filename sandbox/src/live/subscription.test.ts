import { expect, test } from 'vitest';
import { Subscription } from './subscription.ts';

async function readAll<T>(subscription: Subscription<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const value of subscription) all.push(value);
  return all;
}

test('gives what was pushed before and during the reading, in order', async () => {
  const subscription = new Subscription<number>(() => {});
  subscription.push(1);
  const seen: number[] = [];
  for await (const value of subscription) {
    seen.push(value);
    if (value === 1) setTimeout(() => subscription.push(2), 1);
    if (value === 2) subscription.close();
  }
  expect(seen).toEqual([1, 2]);
});

test('closing ends a reader that waits, and is told once', async () => {
  let closed = 0;
  const subscription = new Subscription<number>(() => {
    closed += 1;
  });
  const reading = readAll(subscription);
  await Promise.resolve();
  subscription.close();
  subscription.close();
  expect(await reading).toEqual([]);
  expect(closed).toBe(1);
});

test('a reader that never reads is ended instead of filling the memory', async () => {
  let closed = false;
  const subscription = new Subscription<number>(() => {
    closed = true;
  });
  for (let value = 0; value <= 10_000; value++) subscription.push(value);
  expect(closed).toBe(true);
  expect(await readAll(subscription)).toEqual([]);
});
