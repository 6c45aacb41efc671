import { chooseRange, overlaps } from '../node/addresses.ts';
import {
  oldestGo,
  requirements,
  wantedBuildDiskBytes,
  wantedDiskBytes,
  wantedMemoryBytes,
} from './requirements.ts';

/** What was found on the machine. Reading it is the business of facts.ts. */
export interface Facts {
  readonly platform: string;
  readonly arch: string;
  readonly root: boolean;
  /** `debian` covers Ubuntu and whatever else names Debian in ID_LIKE and has apt-get. */
  readonly packageManager: 'debian' | 'other';
  readonly missingCommands: readonly string[];
  /** Output of `go env GOVERSION`, such as go1.26.8; undefined without Go. */
  readonly goVersion: string | undefined;
  readonly availableMemoryBytes: number;
  /** Free bytes of the filesystems that matter, by folder. */
  readonly freeDisk: readonly { readonly folder: string; readonly bytes: number }[];
  readonly programsToBuild: number;
  readonly cgroups: 'v1' | 'v2' | 'none';
  /** Whether bridged packets can be made to pass the firewall. */
  readonly hasBridgeFirewall: boolean;
  /** Filesystems that the kernel has. */
  readonly filesystems: readonly string[];
  /** Networks of the machine's routes and addresses, those of this very cluster left out. */
  readonly networksInUse: readonly string[];
  readonly wantedRange: string | undefined;
}

/** Something that stands between this machine and a cluster. */
export interface Problem {
  readonly what: string;
  /** What a person has to do. */
  readonly remedy: string;
  /** Debian packages that solve it, when packages do. */
  readonly packages?: readonly string[];
}

/** Everything that is missing or in the way, all at once. */
export function findProblems(facts: Facts): readonly Problem[] {
  return [
    ...platformProblems(facts),
    ...commandProblems(facts),
    ...goProblems(facts),
    ...resourceProblems(facts),
    ...kernelProblems(facts),
    ...networkProblems(facts),
  ];
}

function platformProblems(facts: Facts): readonly Problem[] {
  const problems: Problem[] = [];
  if (facts.platform !== 'linux') {
    problems.push({
      what: `this is ${facts.platform}; the local cluster needs Linux`,
      remedy: 'use a Linux machine or CLUSTER=existing',
    });
  }
  if (facts.arch !== 'x64' && facts.arch !== 'arm64') {
    problems.push({ what: `the processor is ${facts.arch}`, remedy: 'use an amd64 or arm64 machine' });
  }
  if (!facts.root) {
    problems.push({
      what: 'not root: namespaces, cgroups and mounts of the node need it',
      remedy: 'run it as root (sudo -E make …) or use CLUSTER=existing',
    });
  }
  return problems;
}

function commandProblems(facts: Facts): readonly Problem[] {
  const isNeeded = (command: string): boolean => command !== 'go' || facts.programsToBuild > 0;
  const missing = requirements.filter(
    ({ command }) => isNeeded(command) && facts.missingCommands.includes(command),
  );
  const packages = [...new Set(missing.map((item) => item.package))];
  if (packages.length === 0) return [];
  const commands = missing.map((item) => item.command).join(' ');
  return [{ what: `missing commands: ${commands}`, remedy: installLine(packages), packages }];
}

const installLine = (packages: readonly string[]): string =>
  `install them (Debian, Ubuntu: apt-get install --no-install-recommends ${packages.join(' ')})`;

function goProblems(facts: Facts): readonly Problem[] {
  if (facts.goVersion === undefined) return [];
  const [major = 0, minor = 0] = facts.goVersion.replace(/^go/, '').split('.').map(Number);
  if (major > oldestGo.major || minor >= oldestGo.minor) return [];
  return [
    {
      what: `Go is ${facts.goVersion}`,
      remedy: `install Go ${oldestGo.major}.${oldestGo.minor} or newer; it fetches the one that go.mod asks for`,
    },
  ];
}

function resourceProblems(facts: Facts): readonly Problem[] {
  const problems: Problem[] = [];
  if (facts.availableMemoryBytes < wantedMemoryBytes) {
    problems.push({
      what: `${gibibytes(facts.availableMemoryBytes)} of memory available, ${gibibytes(wantedMemoryBytes)} wanted`,
      remedy: 'end something that uses memory',
    });
  }
  const wanted = facts.programsToBuild > 0 ? wantedBuildDiskBytes : wantedDiskBytes;
  for (const { folder, bytes } of facts.freeDisk) {
    if (bytes >= wanted) continue;
    problems.push({
      what: `${gibibytes(bytes)} free for ${folder}, ${gibibytes(wanted)} wanted`,
      remedy: 'free some space, or put CLUSTER_CACHE_DIR and CLUSTER_STATE_DIR on another disk',
    });
  }
  return problems;
}

function kernelProblems(facts: Facts): readonly Problem[] {
  const problems: Problem[] = [];
  if (facts.cgroups === 'none') {
    problems.push({ what: 'no cgroups are mounted', remedy: 'mount cgroup2 on /sys/fs/cgroup' });
  }
  if (!facts.filesystems.includes('overlay')) {
    problems.push({ what: 'the kernel has no overlay filesystem', remedy: 'modprobe overlay' });
  }
  if (!facts.hasBridgeFirewall) {
    problems.push({ what: 'the kernel has no br_netfilter', remedy: 'modprobe br_netfilter' });
  }
  return problems;
}

function networkProblems(facts: Facts): readonly Problem[] {
  if (facts.wantedRange === undefined) {
    return chooseRange(facts.networksInUse) === undefined
      ? [
          {
            what: 'every range that a cluster would take is in use',
            remedy: 'set CLUSTER_RANGE=10.N.0.0/16 to a free one',
          },
        ]
      : [];
  }
  const range = facts.wantedRange;
  const clash = facts.networksInUse.find((network) => overlaps(range, network));
  return clash === undefined
    ? []
    : [
        {
          what: `${range} overlaps ${clash}, which this machine uses`,
          remedy: 'set CLUSTER_RANGE to a free 10.N.0.0/16',
        },
      ];
}

const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
