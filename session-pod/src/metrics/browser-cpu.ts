import { readFile } from 'node:fs/promises';
import { listProcesses } from '../process-table.ts';
import { descendants } from './process-tree.ts';

/** Ticks of the processor's clock in a second, as Linux tells times to every program (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Processor time of one process of the browser. */
export interface ProcessTime {
  /** Number and start, which together name a process for ever. */
  readonly process: string;
  readonly seconds: number;
}

/** One line of /proc/<pid>/stat; the name in it may hold blanks and brackets. Undefined when it is none. */
export function parseTime(line: string): ProcessTime | undefined {
  const match = /^(\d+) \(.*\) (.*)$/s.exec(line);
  const fields = match?.[2]?.split(' ') ?? [];
  // utime, stime and starttime are the fields 14, 15 and 22, of which two stand before the bracket closes.
  const [user, system, start] = [fields[11], fields[12], fields[19]];
  if (user === undefined || system === undefined || start === undefined) return undefined;
  return { process: `${match?.[1]}:${start}`, seconds: (Number(user) + Number(system)) / TICKS_PER_SECOND };
}

/**
 * Adds up the processor time of a browser whose processes come and go.
 *
 * Guarantees: the sum never falls, as a counter must not. What a process used between the last look and its end is
 * not seen.
 */
export class ProcessorTime {
  #total = 0;
  #last: ReadonlyMap<string, number> = new Map();

  /** Takes a look at the processes that there are now; gives the sum since the first look. Seconds. */
  add(times: readonly ProcessTime[]): number {
    for (const { process, seconds } of times)
      this.#total += Math.max(0, seconds - (this.#last.get(process) ?? 0));
    this.#last = new Map(times.map(({ process, seconds }) => [process, seconds]));
    return this.#total;
  }
}

/** The processor time of everything that this process has started. */
export async function readBrowserTimes(): Promise<readonly ProcessTime[]> {
  const lines = await Promise.all(
    descendants(process.pid, await listProcesses()).map(({ pid }) =>
      readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''),
    ),
  );
  return lines.flatMap((line) => parseTime(line) ?? []);
}
