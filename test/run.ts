import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSeconds } from './cluster/build/estimate.ts';
import { chooseSteps, retriesOf, type Step, steps } from './steps.ts';
import { closingLine, countCheck, countSuite, type StepResult, secondTries, summary } from './tally.ts';

/**
 * Runs the steps of `make test` in order, or those named on the command line, and closes with the counts that
 * the test runners themselves reported. A step goes on after a failure of an earlier one unless it needs it.
 */
const root = new URL('..', import.meta.url).pathname;

async function runStep(step: Step): Promise<StepResult> {
  console.log(`\n== ${step.name}: ${step.what}`);
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'test-report-'));
  try {
    const report = join(folder, 'report.json');
    const argv =
      step.kind === 'suite'
        ? [
            ...step.argv,
            `--retry=${retriesOf(step)}`,
            '--reporter=default',
            '--reporter=json',
            `--outputFile.json=${report}`,
          ]
        : step.argv;
    const code = await execute(argv, step.environment ?? {});
    const seconds = (performance.now() - began) / 1000;
    if (step.kind === 'check') return { name: step.name, seconds, ...countCheck(code) };
    const text = readReport(report);
    return { name: step.name, seconds, ...countSuite(text, code), secondTries: secondTries(text) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The project's own Node and tools first, whatever the system has. */
async function execute(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const [file = '', ...args] = argv;
  const env = {
    ...process.env,
    ...environment,
    PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
  };
  const child = spawn(file, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  return await new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`cannot start ${file}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

const chosen = chooseSteps(process.argv.slice(2), process.env['CLUSTER']);
if (chosen === undefined) {
  console.error(`usage: node test/run.ts [STEP...]   steps: ${steps.map((step) => step.name).join(', ')}`);
  process.exitCode = 2;
} else {
  const results: StepResult[] = [];
  for (const step of chosen) results.push(await runStep(step));
  console.log(`\n${summary(results, formatSeconds)}`);
  console.log(closingLine(results));
  process.exitCode = results.some((result) => result.failed > 0) ? 1 : 0;
}
