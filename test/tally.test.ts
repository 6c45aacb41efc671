import { describe, expect, it } from 'vitest';
import { closingLine, countSuite, secondTries, summary } from './tally.ts';

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

describe('a test that passed at its second try only', () => {
  const results = [
    { fullName: 'at once', status: 'passed', failureMessages: [] },
    { fullName: 'in the end', status: 'passed', failureMessages: ['Error: too slow\n    at a.ts:1'] },
    { fullName: 'never', status: 'failed', failureMessages: ['Error: wrong', 'Error: wrong'] },
  ];
  const text = JSON.stringify({ ...JSON.parse(report(2, 1)), testResults: [{ assertionResults: results }] });

  it('is found in the report, and named in the summary with what went wrong at first', () => {
    expect(secondTries(text)).toEqual([{ test: 'in the end', failure: 'Error: too slow' }]);
    const step = { name: 'x', seconds: 1, ...countSuite(text, 1), secondTries: secondTries(text) };
    expect(summary([step], String)).toContain('second try: in the end\n        Error: too slow');
    expect(closingLine([step])).toBe('2 passed, 1 failed');
  });
});
