import { readdir, readFile } from 'node:fs/promises';
import process from 'node:process';

/** The processes of a group that still run; zombies, which nobody may ever collect, do not count. */
export async function livingMembers(leader: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const members = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // The name in brackets may hold anything; the fields begin behind the last bracket.
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(group) === leader && state !== 'Z' ? [Number(pid)] : [];
    }),
  );
  return members.flat();
}

/** SIGKILL; a process that is gone already is as good. */
export function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
