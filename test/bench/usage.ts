/** What a process has used so far, and holds now. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly rssMiB: number;
  /** Like RSS, with pages that several processes share counted in parts. */
  readonly pssMiB: number;
}

/** Linux tells processor time in hundredths of a second, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/** Processor time, user and system, of `/proc/PID/stat`. */
export function parseCpuSeconds(stat: string): number {
  // The name in brackets may hold anything; the fields begin behind the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory of `/proc/PID/smaps_rollup`. */
export function parseMemory(rollup: string): Pick<ProcessUsage, 'rssMiB' | 'pssMiB'> {
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1024;
  return { rssMiB: read('Rss'), pssMiB: read('Pss') };
}

/** Processor time of the whole machine so far, in ticks of all cores together. */
export interface MachineTime {
  readonly busy: number;
  readonly total: number;
}

/** Reads the first line of `/proc/stat`. */
export function parseMachineTime(stat: string): MachineTime {
  // user, nice, system, idle, iowait, irq, softirq, steal; guests are counted within user.
  const ticks = (stat.split('\n')[0] ?? '').split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  return { total, busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
}

/** How busy the machine was between two readings, in percent of all its cores. */
export const busyPercent = (from: MachineTime, to: MachineTime): number =>
  ((to.busy - from.busy) / (to.total - from.total)) * 100;

/** The middle one; of an even count the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, number) => sum + number, 0) / middle.length;
}

/** A Markdown table. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
