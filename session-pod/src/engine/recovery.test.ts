import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultDeadlines as limits } from './deadlines.ts';
import {
  afterStability,
  emptyBook,
  outagePatience,
  planRecovery,
  type RecoveryBook,
  type RecoveryKind,
} from './recovery.ts';

/** Recoveries of one kind, each at the moment that the one before planned. */
function run(kind: RecoveryKind, times: number, random: number) {
  const pauses: number[] = [];
  let book: RecoveryBook = emptyBook;
  let now = 0;
  let exhausted = false;
  for (let time = 0; time < times; time += 1) {
    const plan = planRecovery(book, kind, now, random, limits);
    pauses.push(plan.at - now);
    ({ book, exhausted } = plan);
    now = plan.at;
  }
  return { pauses, book, exhausted, now };
}

describe('planRecovery', () => {
  test('comes at once the first time, then after pauses that double up to a ceiling', () => {
    expect(run('counted', 9, 1).pauses).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test('draws the whole pause: full jitter', () => {
    expect(run('counted', 4, 0).pauses).toEqual([0, 0, 0, 0]);
    expect(run('counted', 4, 0.5).pauses).toEqual([0, 250, 500, 1_000]);
  });

  test('is exhausted when the window is full, and has budget again when the window has moved', () => {
    const used = run('counted', limits.recoveryLimit, 0);
    expect(used.exhausted).toBe(false);
    const plan = planRecovery(used.book, 'counted', used.now + 1, 0, limits);
    expect(plan).toMatchObject({ exhausted: true, at: limits.recoveryWindowMs });
    expect(planRecovery(plan.book, 'counted', plan.at, 0, limits).exhausted).toBe(false);
  });

  test('a stable time makes pauses small again and forgives nothing within the window', () => {
    const used = run('counted', limits.recoveryLimit, 0);
    const calm = afterStability(used.book);
    expect(calm.inARow).toBe(0);
    expect(planRecovery(calm, 'counted', used.now + 1, 0, limits).exhausted).toBe(true);
  });

  test('waits longer and longer where the cause lies outside, never less than a second', () => {
    expect(run('gentle', 10, 0.999_999).pauses).toEqual([
      2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000,
    ]);
    expect(run('gentle', 3, 0).pauses).toEqual([1_000, 1_000, 1_000]);
  });

  test('causes outside never exhaust anything, however often', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<RecoveryKind>('gentle', 'outage'), { maxLength: 200 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (kinds, random) => {
          let book: RecoveryBook = emptyBook;
          for (const [at, kind] of kinds.entries()) {
            const plan = planRecovery(book, kind, at, random, limits);
            expect(plan.exhausted).toBe(false);
            ({ book } = plan);
          }
          expect(book.counted).toEqual([]);
        },
      ),
    );
  });

  test('gives a page longer and longer to reach WhatsApp by itself', () => {
    const patience = [0, 1, 2, 3, 4, 5].map((times) => outagePatience(run('outage', times, 0).book, limits));
    expect(patience).toEqual([120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000]);
  });
});
