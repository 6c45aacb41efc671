import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** One process as /proc shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Process group. */
  readonly group: number;
  /** Has ended, and nobody has collected it yet. */
  readonly zombie: boolean;
}

/** One line of /proc/<pid>/stat; the name in it may hold anything. Undefined when it is none. */
export function parseStat(line: string): ProcessEntry | undefined {
  const match = /^(\d+) \(.*\) (\S) (\d+) (\d+) /s.exec(line);
  if (match === null) return undefined;
  const [, pid, state, parent, group] = match;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    zombie: state === 'Z' || state === 'X',
  };
}

const isPid = (name: string): boolean => /^\d+$/.test(name);
const known = (entry: ProcessEntry | undefined): entry is ProcessEntry => entry !== undefined;

/** One process; undefined when there is none of this id. */
export const readProcess = async (pid: number | string): Promise<ProcessEntry | undefined> =>
  parseStat(await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''));

/** All processes that can be seen here; none where there is no /proc. */
export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(isPid);
  return (await Promise.all(pids.map(readProcess))).filter(known);
}

/** The same at once, for a process that is about to end. */
export function listProcessesNow(): readonly ProcessEntry[] {
  const read = (pid: string): ProcessEntry | undefined => {
    try {
      return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return undefined;
    }
  };
  try {
    return readdirSync('/proc').filter(isPid).map(read).filter(known);
  } catch {
    return [];
  }
}
