/** How many tests passed, failed and were skipped. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface StepResult extends Counts {
  readonly name: string;
  readonly seconds: number;
  /** Tests that passed at the second try only. */
  readonly secondTries?: readonly SecondTry[];
}

/** A test that failed, was tried again, and passed. */
export interface SecondTry {
  readonly test: string;
  /** First line of what the first try said. */
  readonly failure: string;
}

/** The part of vitest's JSON report that is read. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults?: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/**
 * The counts of a suite. A suite fails as a whole, counted as one, when its runner says so although no test
 * failed (a file that cannot be loaded, a failed set-up), left no report, or ran nothing.
 */
export function countSuite(report: string | undefined, exitCode: number): Counts {
  const parsed = parseReport(report);
  if (parsed === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const passed = parsed.numPassedTests;
  const skipped = parsed.numPendingTests + parsed.numTodoTests;
  const failed = parsed.numFailedTests;
  const failedAsWhole = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: failedAsWhole ? 1 : failed, skipped };
}

function parseReport(text: string | undefined): Report | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Report);
  } catch {
    return undefined;
  }
}

/** The tests of a suite that passed, but not at once. */
export const secondTries = (report: string | undefined): readonly SecondTry[] =>
  (parseReport(report)?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
    .map(({ fullName, failureMessages }) => ({
      test: fullName,
      failure: failureMessages[0]?.split('\n')[0] ?? '',
    }));

/** The counts of a command that is right or wrong as a whole. */
export const countCheck = (exitCode: number): Counts => ({
  passed: exitCode === 0 ? 1 : 0,
  failed: exitCode === 0 ? 0 : 1,
  skipped: 0,
});

/** A line per step, and one for each test that passed at its second try only. */
export const summary = (results: readonly StepResult[], formatSeconds: (seconds: number) => string): string =>
  results
    .flatMap(({ name, seconds, secondTries: again = [], ...counts }) => [
      `  ${name.padEnd(12)} ${formatSeconds(seconds).padStart(7)}   ${countsLine(counts)}`,
      ...again.map(({ test, failure }) => `      second try: ${test}\n        ${failure}`),
    ])
    .join('\n');

/** The sum, alone on the last line: `N passed, N failed`, and `, N skipped` where there are any. */
export const closingLine = (results: readonly StepResult[]): string =>
  countsLine({
    passed: results.reduce((sum, result) => sum + result.passed, 0),
    failed: results.reduce((sum, result) => sum + result.failed, 0),
    skipped: results.reduce((sum, result) => sum + result.skipped, 0),
  });

const countsLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
