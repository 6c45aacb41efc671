import { installPackages } from '../../machine/debian.ts';
import { Failure } from '../../machine/failure.ts';
import type { Progress } from '../build/progress.ts';
import { type Facts, findProblems, type Problem } from './checks.ts';
import { type FactsContext, gatherFacts } from './facts.ts';

/**
 * Makes sure that the machine can run a cluster: installs missing packages where it can (root on Debian or
 * Ubuntu), and throws `preflight_failed` with everything else at once.
 */
export async function ensureMachineReady(context: FactsContext, progress: Progress): Promise<Facts> {
  const facts = await gatherFacts(context);
  const problems = findProblems(facts);
  const packages = problems.flatMap((problem) => problem.packages ?? []);
  if (packages.length === 0 || !facts.root || facts.packageManager !== 'debian') {
    if (problems.length > 0) throw preflightFailed(problems);
    return facts;
  }
  const others = problems.filter((problem) => problem.packages === undefined);
  if (others.length > 0) throw preflightFailed(problems);
  progress.line(`installing from the system's package sources: ${packages.join(' ')}`);
  progress.status(() => 'apt-get install');
  await installPackages(packages);
  const now = await gatherFacts(context);
  const left = findProblems(now);
  if (left.length > 0) throw preflightFailed(left);
  return now;
}

/** The problems as one error, a line each. */
export const preflightFailed = (problems: readonly Problem[]): Failure =>
  new Failure(
    'preflight_failed',
    [
      'this machine cannot run the cluster yet:',
      ...problems.map((problem) => `  - ${problem.what}\n      ${problem.remedy}`),
    ].join('\n'),
    { remedy: 'mend what is listed and run the same command again' },
  );
