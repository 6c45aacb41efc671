import { readFile } from 'node:fs/promises';
import { listProcesses, listProcessesNow, type ProcessEntry } from '../process-table.ts';

type Kin = Pick<ProcessEntry, 'pid' | 'parent' | 'group'>;

/**
 * Whoever descends from a process, and whoever shares a process group with one that does: Chromium's crash handlers
 * leave the tree, not the group. The process itself and its own group are not part of it. Pure.
 */
export function descendants(root: number, processes: readonly Kin[]): readonly Kin[] {
  const children = Map.groupBy(processes, ({ parent }) => parent);
  const found = new Map<number, Kin>();
  const visit = (pid: number): void => {
    for (const child of children.get(pid) ?? []) {
      if (found.has(child.pid) || child.pid === root) continue;
      found.set(child.pid, child);
      visit(child.pid);
    }
  };
  visit(root);
  const own = processes.find(({ pid }) => pid === root)?.group;
  const groups = new Set([...found.values()].map(({ group }) => group).filter((group) => group !== own));
  for (const entry of processes) if (groups.has(entry.group)) found.set(entry.pid, entry);
  return [...found.values()];
}

/** Ends them all at once, for the case that nothing else can be relied on any more. */
export function killDescendants(): void {
  for (const { pid } of descendants(process.pid, listProcessesNow())) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

export interface BrowserMemory {
  /** Proportional set size: shared pages count once over all processes. */
  readonly bytes: number;
  readonly processes: number;
}

/** The memory of the browser with all its processes; undefined where the kernel does not tell it. */
export async function readBrowserMemory(): Promise<BrowserMemory | undefined> {
  const entries = descendants(process.pid, await listProcesses());
  const sizes = await Promise.all(entries.map(({ pid }) => readPss(pid)));
  const known = sizes.filter((size) => size !== undefined);
  if (known.length === 0 && entries.length > 0) return undefined;
  return { bytes: known.reduce((sum, size) => sum + size, 0), processes: entries.length };
}

async function readPss(pid: number): Promise<number | undefined> {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1');
    const kib = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}
