import { expect, test } from 'vitest';
import { classify, faultSchema } from './fault.ts';
import { FaultRegistry } from './registry.ts';

const registry = (seed = 'seed', now = () => 0) => new FaultRegistry(seed, now);

test('a fault of one account leaves the others alone; one without an account strikes all', () => {
  const faults = registry();
  faults.add('1', { kind: 'refuse-socket' }, null);
  expect(faults.find('1', 'refuse-socket')).toBeDefined();
  expect(faults.find('2', 'refuse-socket')).toBeUndefined();
  faults.add(null, { kind: 'blackhole-socket' }, null);
  expect(faults.find('2', 'blackhole-socket')).toBeDefined();
  expect(faults.find(null, 'blackhole-socket')).toBeDefined();
});

test('a fault with probability strikes the same draws for the same seed', () => {
  const strikes = (seed: string) => {
    const faults = registry(seed);
    faults.add('1', { kind: 'lose-deliveries', probability: 0.5 }, null);
    return Array.from({ length: 100 }, () => faults.strikes('1', 'lose-deliveries') !== undefined);
  };
  expect(strikes('a')).toEqual(strikes('a'));
  expect(strikes('a')).not.toEqual(strikes('b'));
  const count = strikes('a').filter(Boolean).length;
  expect(count).toBeGreaterThan(30);
  expect(count).toBeLessThan(70);
});

test("one account's draws do not depend on another's", () => {
  const strikes = (others: number) => {
    const faults = registry();
    faults.add(null, { kind: 'lose-deliveries', probability: 0.5 }, null);
    return Array.from({ length: 50 }, () => {
      for (let other = 0; other < others; other++) faults.strikes('2', 'lose-deliveries');
      return faults.strikes('1', 'lose-deliveries') !== undefined;
    });
  };
  expect(strikes(3)).toEqual(strikes(0));
});

test('a fault with a number of times is gone when they are used up', () => {
  const faults = registry();
  faults.add('1', { kind: 'http-error', status: 503 }, 2);
  const struck = [1, 2, 3].map(() => faults.strikes('1', 'http-error')?.status);
  expect(struck).toEqual([503, 503, undefined]);
  expect(faults.list()).toEqual([]);
});

test('the rate limit counts the last minute', () => {
  let now = 0;
  const faults = registry('seed', () => now);
  faults.add('1', { kind: 'rate-limit', perMinute: 2 }, null);
  expect([faults.refusal('1'), faults.refusal('1'), faults.refusal('1')]).toEqual([null, null, '429']);
  now = 60_001;
  expect(faults.refusal('1')).toBeNull();
});

test('clearing the faults of one account keeps the others', () => {
  const faults = registry();
  faults.add('1', { kind: 'never-ready' }, null);
  faults.add('2', { kind: 'never-ready' }, null);
  faults.clearAll('1');
  expect(faults.list().map(({ account }) => account)).toEqual(['2']);
  expect(() => faults.clear('fault-1')).toThrow(expect.objectContaining({ code: 'FAULT_UNKNOWN' }));
});

test.for([
  [{ kind: 'drop-socket' }, 'momentary'],
  [{ kind: 'crash' }, 'momentary'],
  [{ kind: 'never-ready' }, 'page'],
  [{ kind: 'heap-growth', megabytes: 1, perSecond: 1 }, 'page'],
  [{ kind: 'slow-socket', ms: 5 }, 'server'],
  [{ kind: 'http-hang' }, 'server'],
] as const)('%o is played as %s', ([fault, player]) => {
  expect(classify(faultSchema.parse(fault)).kind).toBe(player);
});

test('an unknown fault, or one with an unknown field, is refused', () => {
  expect(faultSchema.safeParse({ kind: 'flood' }).success).toBe(false);
  expect(faultSchema.safeParse({ kind: 'hang', ms: 5, extra: 1 }).success).toBe(false);
});
