import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, hasErrno } from '../../machine/failure.ts';

/** A process that cannot be confused with a later one of the same id: its start time in clock ticks since boot. */
export interface ProcessRef {
  readonly pid: number;
  readonly startTicks: number;
}

/** `stopped` is a process paused by SIGSTOP; a zombie without threads counts as gone. */
export type ProcessState = 'running' | 'stopped' | 'gone';

interface ProcessStat {
  readonly state: string;
  readonly parent: number;
  readonly threads: number;
  readonly startTicks: number;
}

/** A reference to the process that has this id now, or undefined. */
export function refOf(pid: number): ProcessRef | undefined {
  const stat = readStat(pid);
  return stat === undefined ? undefined : { pid, startTicks: stat.startTicks };
}

export function stateOf(ref: ProcessRef): ProcessState {
  const stat = readStat(ref.pid);
  if (stat === undefined || stat.startTicks !== ref.startTicks || stat.state === 'X') return 'gone';
  // The first thread of a killed process is a zombie before the others have let go of its ports and files.
  if (stat.state === 'Z') return stat.threads > 1 ? 'running' : 'gone';
  return stat.state === 'T' ? 'stopped' : 'running';
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(ref: ProcessRef, name: NodeJS.Signals): void {
  if (stateOf(ref) === 'gone') return;
  try {
    process.kill(ref.pid, name);
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}

/** SIGTERM, then SIGKILL after the grace period. Returns when the process is gone. */
export async function endProcess(ref: ProcessRef, graceMs: number): Promise<void> {
  signal(ref, 'SIGTERM');
  signal(ref, 'SIGCONT');
  if (await isGoneWithin(ref, graceMs)) return;
  signal(ref, 'SIGKILL');
  if (await isGoneWithin(ref, 5000)) return;
  throw new Failure('process_stays', `process ${ref.pid} survives SIGKILL`, {
    remedy: 'it hangs in the kernel: look at dmesg; a restart of the machine ends it',
  });
}

export async function isGoneWithin(ref: ProcessRef, ms: number): Promise<boolean> {
  for (const deadline = performance.now() + ms; performance.now() < deadline; await sleep(20)) {
    if (stateOf(ref) === 'gone') return true;
  }
  return stateOf(ref) === 'gone';
}

/** The only child of a process, waited for up to two seconds; undefined when the parent ends first. */
export async function onlyChild(parent: number): Promise<ProcessRef | undefined> {
  for (const deadline = performance.now() + 2000; performance.now() < deadline; await sleep(10)) {
    if (readStat(parent) === undefined) return undefined;
    const child = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .find((pid) => readStat(pid)?.parent === parent);
    if (child !== undefined) return refOf(child);
  }
  return undefined;
}

/** proc(5): the command's name stands in parentheses and may hold spaces, so the fields count from its end. */
function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      state: fields[0] ?? 'X',
      parent: Number(fields[1]),
      threads: Number(fields[17]),
      startTicks: Number(fields[19]),
    };
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
}
