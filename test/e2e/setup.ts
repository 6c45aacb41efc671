import { openProgress } from '../cluster/build/progress.ts';
import { readSettings } from '../cluster/settings.ts';
import { prepareTarget } from '../cluster/target.ts';
import { describeFailure } from '../machine/failure.ts';

/** Has the cluster ready before the first test and, if it was not there before, removes it after the last. */
export async function setup(): Promise<() => Promise<void>> {
  const progress = openProgress(process.stderr);
  try {
    const prepared = await prepareTarget(readSettings(process.env), progress);
    return async () => {
      await prepared.release();
      progress.close();
    };
  } catch (error) {
    progress.close();
    throw new Error(`no cluster to test on: ${describeFailure(error)}`, { cause: error });
  }
}
