import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, hasErrno } from '../../machine/failure.ts';
import { type Hierarchy, parseHierarchies } from './hierarchies.ts';

/**
 * A child group of the machine's cgroups for everything that a node runs. In version 2 the node's own
 * programs sit in its leaf `init`, because a group with children that have controllers may hold no process.
 */

/** The machine's hierarchies now. */
export const machineHierarchies = (): readonly Hierarchy[] =>
  parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'));

/** The folders of a group, one per hierarchy. */
export const groupFolders = (group: string): readonly string[] =>
  machineHierarchies().map((hierarchy) => join(hierarchy.mountPoint, group));

/** Creates the group in every hierarchy. */
export function createGroup(group: string): void {
  for (const hierarchy of machineHierarchies()) {
    const folder = join(hierarchy.mountPoint, group);
    mkdirSync(folder, { recursive: true });
    if (hierarchy.version === 2) enableControllers(hierarchy.mountPoint);
    if (hierarchy.controllers.includes('cpuset')) inheritCpuset(hierarchy.mountPoint, folder);
  }
}

/**
 * Hands the controllers on to the group's children, once its first processes are known: in version 2 the kernel
 * refuses that (EBUSY) while any process is in the group itself, so they move into the leaf before.
 */
export function settleGroup(group: string, pids: readonly number[]): void {
  for (const { mountPoint } of machineHierarchies().filter(({ version }) => version === 2)) {
    const folder = join(mountPoint, group);
    for (const pid of pids) writeFileSync(join(folder, 'init', 'cgroup.procs'), String(pid));
    enableControllers(folder);
  }
}

/** Files that a process writes its id to in order to join the group and, once the node is up, its leaf. */
export function joinFiles(group: string, stage: 'boot' | 'enter'): readonly string[] {
  return machineHierarchies().map((hierarchy) => {
    const leaf = hierarchy.version === 2 && stage === 'enter' ? join(group, 'init') : group;
    return join(hierarchy.mountPoint, leaf, 'cgroup.procs');
  });
}

/** Every process in the group and below it, whoever started it. */
export function groupProcesses(group: string): readonly number[] {
  const pids = groupFolders(group).flatMap((folder) =>
    foldersBelow(folder).flatMap((child) => readPids(join(child, 'cgroup.procs'))),
  );
  return [...new Set(pids)];
}

/** Removes the group. Throws `cgroup_busy` when processes stay in it for five seconds. */
export async function removeGroup(group: string): Promise<void> {
  for (const folder of groupFolders(group)) {
    const deadline = performance.now() + 5000;
    while (existsSync(folder) && !tryRemove(folder)) {
      // The kernel takes a moment after the last process before a group may go.
      if (performance.now() > deadline)
        throw new Failure('cgroup_busy', `the cgroup ${folder} does not go away`);
      await sleep(50);
    }
  }
}

function tryRemove(folder: string): boolean {
  try {
    for (const child of foldersBelow(folder)) rmdirSync(child);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EBUSY') || hasErrno(error, 'ENOTEMPTY') || hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

/** The folder and all below it, deepest first. */
function foldersBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((entry) => foldersBelow(join(folder, entry.name))), folder];
}

function readPids(file: string): readonly number[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENODEV') || hasErrno(error, 'EOPNOTSUPP')) return [];
    throw error;
  }
}

/** A version 1 cpuset refuses processes until it has CPUs and memory nodes. */
function inheritCpuset(parent: string, folder: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(join(folder, file), readFileSync(join(parent, file)));
  }
  writeFileSync(join(folder, 'cgroup.clone_children'), '1');
}

function enableControllers(folder: string): void {
  const available = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const enabled = readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8').trim().split(' ');
  for (const controller of available.filter((item) => item !== '' && !enabled.includes(item))) {
    writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
  }
}
