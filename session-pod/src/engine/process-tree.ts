import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { listProcesses, readProcess } from '../process-table.ts';

export { listProcesses } from '../process-table.ts';

/** SIGKILL to a process, or to a group when the id is negative; one that is gone already is as good. */
export function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * Kills a process group and waits until none of it lives: a child that lives a moment longer holds the profile's
 * database, and the next browser would hang on it. Zombies, which nobody may ever collect, do not count.
 *
 * @returns whether it was gone within the time
 */
export async function killGroup(group: number, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  for (;;) {
    const living = (await listProcesses()).filter((entry) => entry.group === group && !entry.zombie);
    if (living.length === 0) return true;
    if (Date.now() > until) return false;
    // Members too, one by one: the leader may be gone, and with it the right to address the group.
    for (const { pid } of living) killQuietly(pid);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * The groups of browsers that use this profile: left by a process that was killed. Recognised by the exact argument
 * that names the profile, so that no other browser of this machine is ever meant.
 */
export async function findBrowserGroups(profile: string): Promise<readonly number[]> {
  const wanted = `--user-data-dir=${profile}`;
  const found = await Promise.all(
    (await listProcesses()).map(async ({ pid, group, zombie }) => {
      if (zombie || pid === process.pid) return undefined;
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return line.split('\0').includes(wanted) ? group : undefined;
    }),
  );
  const own = (await readProcess(process.pid))?.group;
  return [...new Set(found.filter((group) => group !== undefined && group !== own))] as readonly number[];
}
