import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The container's memory as the kernel accounts for it: what decides about an end by the out-of-memory killer. */
export interface ContainerMemory {
  /** What cannot be given back: usage without file pages that nobody needs just now. Bytes. */
  readonly workingSet: number;
  /** Undefined where there is none. Bytes. */
  readonly limit: number | undefined;
}

/**
 * Reads it from a control group of version 2, which a container sees as its own root. Undefined elsewhere: on version
 * 1, outside of a container, on other systems.
 */
export async function readContainerMemory(folder = '/sys/fs/cgroup'): Promise<ContainerMemory | undefined> {
  const read = (file: string): Promise<string | undefined> =>
    readFile(join(folder, file), 'latin1').catch(() => undefined);
  const [current, max, stat] = await Promise.all([
    read('memory.current'),
    read('memory.max'),
    read('memory.stat'),
  ]);
  const usage = Number(current ?? Number.NaN);
  const inactive = Number(/^inactive_file (\d+)$/m.exec(stat ?? '')?.[1] ?? Number.NaN);
  if (!Number.isFinite(usage) || !Number.isFinite(inactive)) return undefined;
  const limit = Number(max ?? Number.NaN);
  return { workingSet: Math.max(0, usage - inactive), limit: Number.isFinite(limit) ? limit : undefined };
}
