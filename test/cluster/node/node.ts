import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, runCommand, tryCommand } from '../../machine/command.ts';
import { Failure } from '../../machine/failure.ts';
import type { Cluster } from '../cluster.ts';
import {
  createGroup,
  groupProcesses,
  joinFiles,
  machineHierarchies,
  removeGroup,
  settleGroup,
} from './cgroups.ts';
import { createNetwork, removeNetwork } from './network.ts';
import { isGoneWithin, onlyChild, type ProcessRef, refOf, signal, stateOf } from './process.ts';

/**
 * A node of its own on this machine: network, mount, cgroup, uts, ipc and pid namespaces with one waiting
 * first process. Everything of the cluster runs in them, so the end of that process ends everything, and
 * no mount, route or process of the node is visible to the machine's other programs.
 */

const initRecord = (cluster: Cluster): string => join(cluster.paths.run, 'init.json');

/** The node's first process when it is alive. */
export function nodeInit(cluster: Cluster): ProcessRef | undefined {
  try {
    const ref = JSON.parse(readFileSync(initRecord(cluster), 'utf8')) as ProcessRef;
    return stateOf(ref) === 'gone' ? undefined : ref;
  } catch {
    return undefined;
  }
}

/** Makes the node. Whatever an earlier one left behind must have been removed by {@link destroyNode}. */
export async function createNode(cluster: Cluster): Promise<void> {
  mkdirSync(cluster.paths.run, { recursive: true });
  mkdirSync(cluster.paths.logs, { recursive: true });
  createGroup(cluster.group);
  const hierarchies = machineHierarchies().map((item) =>
    item.version === 2 ? '2' : [1, item.folder, item.options, ...item.controllers].join(' '),
  );
  const unshare = [
    ...[
      'unshare',
      '--mount',
      '--cgroup',
      '--uts',
      '--ipc',
      '--net',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
    ],
    // Private first: on a machine whose / is shared, the node's mounts would otherwise appear on it.
    ...['--propagation', 'private'],
    ...['sh', new URL('boot.sh', import.meta.url).pathname, cluster.nodeName, ...hierarchies],
  ];
  const pid = spawnJoined(cluster, 'boot', unshare, 'init');
  const init = await onlyChild(pid);
  if (init === undefined || !(await isBooted(init))) {
    const log = readFileSync(join(cluster.paths.logs, 'init.log'), 'utf8').trim();
    throw new Failure('node_not_booted', `the node's namespaces could not be set up: ${log || 'no output'}`);
  }
  settleGroup(cluster.group, [pid, init.pid]);
  await createNetwork(cluster, init.pid);
  writeFileSync(initRecord(cluster), JSON.stringify(init));
}

/** boot.sh is done when it has become catatonit. */
async function isBooted(init: ProcessRef): Promise<boolean> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; ) {
    if (stateOf(init) === 'gone') return false;
    if (readFileSync(`/proc/${init.pid}/comm`, 'utf8').trim() === 'catatonit') return true;
    await isGoneWithin(init, 20);
  }
  return false;
}

/**
 * Ends every process of the node and removes its namespaces, cgroups and links. Works by what is found on the
 * machine, not by what was recorded, so it also clears what a failed or interrupted start left.
 */
export async function destroyNode(group: string, link: string): Promise<void> {
  for (const deadline = performance.now() + 10_000; groupProcesses(group).length > 0; ) {
    const refs = groupProcesses(group)
      .map(refOf)
      .filter((ref) => ref !== undefined);
    for (const ref of refs) signal(ref, 'SIGKILL');
    await Promise.all(refs.map((ref) => isGoneWithin(ref, 2000)));
    if (performance.now() > deadline) {
      throw new Failure(
        'processes_stay',
        `processes of the node survive SIGKILL: ${groupProcesses(group).join(' ')}`,
      );
    }
  }
  await removeGroup(group);
  await removeNetwork(link);
}

/** Environment of programs in the node: the cluster's binaries first. */
const nodeEnvironment = (cluster: Cluster): Readonly<Record<string, string>> => ({
  PATH: `${cluster.binDir}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
});

/** Arguments that run a program inside the node; throws `node_not_running`. */
function enter(cluster: Cluster, argv: readonly string[]): readonly string[] {
  const init = nodeInit(cluster);
  if (init === undefined) {
    throw new Failure('node_not_running', `the cluster ${cluster.name} is not running`, {
      remedy: 'make cluster-up',
    });
  }
  return ['nsenter', '-t', String(init.pid), '-m', '-u', '-i', '-n', '-p', '-C', '--', ...argv];
}

/** A shell line that puts its process into the node's cgroups and becomes the given program. */
const joinGroups = (
  cluster: Cluster,
  stage: 'boot' | 'enter',
  argv: readonly string[],
): readonly string[] => [
  'sh',
  '-c',
  `${joinFiles(cluster.group, stage)
    .map((file) => `echo $$ > '${file}' && `)
    .join('')}exec "$@"`,
  'join',
  ...argv,
];

/** Runs a command inside the node to its end. Throws as {@link runCommand} does. */
export const runInNode = (
  cluster: Cluster,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<string> =>
  runCommand(joinGroups(cluster, 'enter', enter(cluster, argv)), {
    ...options,
    env: { ...nodeEnvironment(cluster), ...options.env },
  });

/** Whether a command inside the node ends well. */
export const succeedsInNode = async (cluster: Cluster, argv: readonly string[]): Promise<boolean> =>
  (
    await tryCommand(joinGroups(cluster, 'enter', enter(cluster, argv)), {
      env: nodeEnvironment(cluster),
      timeoutMs: 5000,
    })
  ).code === 0;

/** Starts a program inside the node that outlives this process, its output appended to its log. */
export async function startInNode(
  cluster: Cluster,
  name: string,
  argv: readonly string[],
): Promise<ProcessRef> {
  const outer = spawnJoined(cluster, 'enter', enter(cluster, argv), name);
  // nsenter waits outside the pid namespace; its child is the program.
  const child = await onlyChild(outer);
  if (child === undefined) {
    throw new Failure(
      'part_not_started',
      `${name} ended at once: see ${join(cluster.paths.logs, `${name}.log`)}`,
    );
  }
  return child;
}

function spawnJoined(
  cluster: Cluster,
  stage: 'boot' | 'enter',
  argv: readonly string[],
  log: string,
): number {
  const [file = '', ...args] = joinGroups(cluster, stage, argv);
  const output = openSync(join(cluster.paths.logs, `${log}.log`), 'a');
  try {
    const child = spawn(file, args, {
      cwd: '/',
      detached: true,
      env: nodeEnvironment(cluster),
      stdio: ['ignore', output, output],
    });
    child.unref();
    if (child.pid === undefined) throw new Failure('command_not_started', `cannot start ${file} for ${log}`);
    return child.pid;
  } finally {
    closeSync(output);
  }
}
