import { type CallInput, type CallName, SandboxClient } from '../src/client.ts';
import type { RouteResult } from '../src/control/contract.ts';
import { notify } from './notices.ts';

/** The control API next to this page. */
export const sandbox = new SandboxClient('');

/** Calls the control API and shows the person what it refused; undefined then. */
export async function attempt<N extends CallName>(
  name: N,
  input: CallInput<N>,
): Promise<RouteResult<N> | undefined> {
  try {
    return await sandbox.call(name, input);
  } catch (error) {
    notify('problem', error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
