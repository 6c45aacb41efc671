/**
 * The cgroup hierarchies of the machine as the node sees them: one of version 2, or several of version 1.
 * Only those with a controller that the kubelet or containerd uses count.
 */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** Where the machine has it mounted. */
  readonly mountPoint: string;
  /** Folder name below /sys/fs/cgroup in the node; empty for version 2. */
  readonly folder: string;
  /** Mount options in the node. */
  readonly options: string;
  /** The single controllers, for the links that tools expect beside a joint mount such as cpu,cpuacct. */
  readonly controllers: readonly string[];
}

const wantedControllers = [
  'blkio',
  'cpu',
  'cpuacct',
  'cpuset',
  'devices',
  'freezer',
  'hugetlb',
  'memory',
  'net_cls',
  'net_prio',
  'perf_event',
  'pids',
];

/**
 * Reads them out of /proc/self/mountinfo. A machine with memory on a version 1 hierarchy is a version 1 machine,
 * even when an empty version 2 tree is mounted beside ("hybrid").
 */
export function parseHierarchies(mountinfo: string): readonly Hierarchy[] {
  const mounts = mountinfo.split('\n').flatMap(parseMount);
  const first = mounts.filter((mount) => mount.type === 'cgroup').flatMap(versionOne);
  if (first.some((hierarchy) => hierarchy.controllers.includes('memory'))) return uniqueByFolder(first);
  const second = mounts.find((mount) => mount.type === 'cgroup2');
  return second === undefined
    ? []
    : [{ version: 2, mountPoint: second.mountPoint, folder: '', options: '', controllers: [] }];
}

interface Mount {
  readonly mountPoint: string;
  readonly type: string;
  readonly superOptions: readonly string[];
}

/** A line of mountinfo (proc(5)): fixed fields, optional ones up to " - ", then type, source and super options. */
function parseMount(line: string): readonly Mount[] {
  const [left, right] = line.split(' - ');
  const mountPoint = left?.split(' ')[4];
  const [type, , superOptions] = right?.split(' ') ?? [];
  if (mountPoint === undefined || type === undefined || superOptions === undefined) return [];
  return [{ mountPoint, type, superOptions: superOptions.split(',') }];
}

function versionOne(mount: Mount): readonly Hierarchy[] {
  if (mount.superOptions.includes('name=systemd')) {
    return [
      {
        version: 1,
        mountPoint: mount.mountPoint,
        folder: 'systemd',
        options: 'none,name=systemd',
        controllers: [],
      },
    ];
  }
  const controllers = mount.superOptions.filter((option) => wantedControllers.includes(option));
  if (controllers.length === 0) return [];
  const joint = controllers.join(',');
  return [{ version: 1, mountPoint: mount.mountPoint, folder: joint, options: joint, controllers }];
}

const uniqueByFolder = (hierarchies: readonly Hierarchy[]): readonly Hierarchy[] =>
  hierarchies.filter(
    (item, index) => hierarchies.findIndex((other) => other.folder === item.folder) === index,
  );
