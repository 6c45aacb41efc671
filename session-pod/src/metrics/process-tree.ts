import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** What the kernel says of a process, as far as a family tree needs it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Process group. */
  readonly group: number;
}

/** One line of /proc/<pid>/stat; the name in it may hold blanks and brackets. Undefined when it is none. */
export function parseStat(line: string): ProcessEntry | undefined {
  const match = /^(\d+) \(.*\) \S (\d+) (\d+) /s.exec(line);
  if (match === null) return undefined;
  return { pid: Number(match[1]), parent: Number(match[2]), group: Number(match[3]) };
}

/**
 * Whoever descends from a process, and whoever shares a process group with one that does: Chromium's crash handlers
 * leave the tree, not the group. The process itself and its own group are not part of it. Pure.
 */
export function descendants(root: number, processes: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const children = Map.groupBy(processes, ({ parent }) => parent);
  const found = new Map<number, ProcessEntry>();
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

/** The processes that this one has started, directly or not; empty where there is no /proc. */
export function readDescendants(root: number = process.pid): readonly ProcessEntry[] {
  try {
    const entries = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          return parseStat(readFileSync(`/proc/${name}/stat`, 'latin1')) ?? [];
        } catch {
          return [];
        }
      });
    return descendants(root, entries);
  } catch {
    return [];
  }
}

/** Ends them all at once, for the case that nothing else can be relied on any more. */
export function killDescendants(): void {
  for (const { pid } of readDescendants()) {
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
  const entries = readDescendants();
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
