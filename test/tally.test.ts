import { describe, expect, it } from 'vitest';
import { closingLine, countSuite } from './tally.ts';

const report = (passed: number, failed: number, pending = 0): string =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 0,
  });

describe('the counts of a suite', () => {
  it.each([
    { case: 'all pass', report: report(7, 0), code: 0, expected: { passed: 7, failed: 0, skipped: 0 } },
    { case: 'some fail', report: report(5, 2), code: 1, expected: { passed: 5, failed: 2, skipped: 0 } },
    {
      case: 'some are skipped',
      report: report(5, 0, 3),
      code: 0,
      expected: { passed: 5, failed: 0, skipped: 3 },
    },
    {
      case: 'the runner failed, no test did',
      report: report(5, 0),
      code: 1,
      expected: { passed: 5, failed: 1, skipped: 0 },
    },
    { case: 'nothing ran', report: report(0, 0), code: 0, expected: { passed: 0, failed: 1, skipped: 0 } },
    {
      case: 'there is no report',
      report: undefined,
      code: 0,
      expected: { passed: 0, failed: 1, skipped: 0 },
    },
    { case: 'the report is broken', report: '{', code: 0, expected: { passed: 0, failed: 1, skipped: 0 } },
  ])('are right when $case', ({ report: text, code, expected }) => {
    expect(countSuite(text, code)).toEqual(expected);
  });
});

describe('the closing line', () => {
  const result = (passed: number, failed: number, skipped: number) => ({
    name: 'x',
    seconds: 1,
    passed,
    failed,
    skipped,
  });

  it('sums up every step', () => {
    expect(closingLine([result(3, 0, 0), result(4, 1, 0)])).toBe('7 passed, 1 failed');
  });

  it('names skipped tests where there are any', () => {
    expect(closingLine([result(3, 0, 2)])).toBe('3 passed, 0 failed, 2 skipped');
  });
});
