import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff, handoverGap, LookupBudget, nextCheck } from './pace.ts';

const limits = { backoffBaseMs: 2000, backoffMaxMs: 60_000 };
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it.each([
    [1, 2000],
    [2, 4000],
    [3, 8000],
    [6, 60_000],
    [5000, 60_000],
  ])('after %i attempts is anywhere up to %i ms', (attempts, most) => {
    fc.assert(
      fc.property(chance, (random) => {
        const ms = backoff(attempts, limits, random);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(most);
      }),
    );
    expect(backoff(attempts, limits, 0.999_999)).toBeGreaterThan(most * 0.99);
  });
});

describe('the gap between handovers', () => {
  it('is never smaller than the share of the minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6000 }), chance, (rate, random) => {
        expect(handoverGap(rate, random)).toBeGreaterThanOrEqual(60_000 / rate);
      }),
    );
  });
});

describe('the budget of questions', () => {
  it('allows what a second gives at once, and no more than that per second after', () => {
    const budget = new LookupBudget(10, 0);
    const taken = (from: number, to: number) => {
      let count = 0;
      for (let now = from; now < to; now += 10) while (budget.take(now)) count += 1;
      return count;
    };
    expect(taken(0, 10)).toBe(10);
    expect(taken(10, 2000)).toBeLessThanOrEqual(20);
    expect(taken(10_000_000, 10_000_010)).toBe(10);
  });

  it('survives a clock that is set back', () => {
    const budget = new LookupBudget(1, 1_000_000);
    expect(budget.take(1_000_000)).toBe(true);
    expect(budget.take(0)).toBe(false);
    expect(budget.take(1001)).toBe(true);
  });
});

describe('questions about a message that has left', () => {
  it('become rarer, and end', () => {
    const day = 86_400_000;
    const times: number[] = [];
    for (let at = nextCheck(0, 0, day); at !== undefined; at = nextCheck(0, at, day)) times.push(at);
    expect(times[0]).toBe(30_000);
    expect(times.length).toBeLessThan(20);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.every((gap, index) => index === 0 || gap >= (gaps[index - 1] ?? 0))).toBe(true);
  });
});
