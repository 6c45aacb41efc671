import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { runCommand } from '../../machine/command.ts';

/** What a cluster could leave behind on a machine, each as a sorted list of lines. */
export interface MachineState {
  readonly mounts: readonly string[];
  readonly links: readonly string[];
  readonly routes: readonly string[];
  readonly namespaces: readonly string[];
  readonly cgroups: readonly string[];
  readonly loopDevices: readonly string[];
  readonly firewall: readonly string[];
  readonly sysctls: readonly string[];
  readonly processes: readonly string[];
}

/**
 * Looks at the whole machine, so no other cluster may begin or end between two looks that are compared. `marks`: words in the command line of processes that belong to the clusters.
 */
export async function machineState(marks: readonly string[]): Promise<MachineState> {
  return {
    mounts: mountPoints(),
    links: await lines(['ip', '-brief', 'link']),
    routes: await lines(['ip', '-4', 'route', 'show', 'table', 'all']),
    namespaces: existsSync('/run/netns') ? readdirSync('/run/netns').sort() : [],
    cgroups: cgroupFolders(),
    loopDevices: await lines(['losetup', '--all', '--noheadings', '--output', 'NAME,BACK-FILE']),
    firewall: await lines(['nft', 'list', 'ruleset']),
    sysctls: ['ip_forward', 'conf/all/forwarding'].map((name) =>
      readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim(),
    ),
    processes: processesWith(marks),
  };
}

const lines = async (argv: readonly string[]): Promise<readonly string[]> =>
  (await runCommand(argv))
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .sort();

const mountPoints = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ').slice(3, 5).join(' '))
    .sort();

function cgroupFolders(): readonly string[] {
  const roots = ['/sys/fs/cgroup', ...readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`)];
  return roots
    .flatMap((root) => {
      try {
        return readdirSync(root, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => `${root}/${entry.name}`);
      } catch {
        return [];
      }
    })
    .sort();
}

function processesWith(marks: readonly string[]): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return marks.some((mark) => command.includes(mark)) ? [command] : [];
      } catch {
        return [];
      }
    })
    .sort();
}
