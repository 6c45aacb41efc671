import { existsSync, mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { runCommand, tryCommand } from '../../machine/command.ts';
import { findCommand, packageManager } from '../../machine/debian.ts';
import { overlaps } from '../node/addresses.ts';
import type { Settings } from '../settings.ts';
import type { Facts } from './checks.ts';
import { requirements } from './requirements.ts';

export interface FactsContext {
  readonly settings: Settings;
  /** The range that this cluster has already, when it was started before: its own routes are no clash. */
  readonly ownRange: string | undefined;
  readonly programsToBuild: number;
}

/** Looks at the machine. Changes nothing on it but for creating the two folders of the settings and loading modules. */
export async function gatherFacts({ settings, ownRange, programsToBuild }: FactsContext): Promise<Facts> {
  const missingCommands = requirements.map((item) => item.command).filter((command) => !isOnPath(command));
  await loadKernelModules();
  const networks = missingCommands.includes('ip') ? [] : await networksInUse();
  return {
    platform: process.platform,
    arch: process.arch,
    root: process.getuid?.() === 0,
    packageManager: packageManager(),
    missingCommands,
    goVersion: missingCommands.includes('go') ? undefined : await goVersion(),
    availableMemoryBytes: availableMemory(),
    freeDisk: [settings.stateDir, settings.cacheDir].map((folder) => ({ folder, bytes: freeBytes(folder) })),
    programsToBuild,
    cgroups: cgroupVersion(),
    hasBridgeFirewall: existsSync('/proc/sys/net/bridge/bridge-nf-call-iptables'),
    filesystems: readOr('/proc/filesystems', '').split(/\s+/),
    networksInUse: networks.filter((network) => ownRange === undefined || !overlaps(ownRange, network)),
    wantedRange: ownRange ?? settings.range,
  };
}

/**
 * Kernels that keep these as modules load most others on demand, but not these two. Failing is fine: they may be
 * built in, and what is really missing shows in the facts.
 */
async function loadKernelModules(): Promise<void> {
  if (isOnPath('modprobe')) await tryCommand(['modprobe', '--all', '--quiet', 'overlay', 'br_netfilter']);
}

const isOnPath = (command: string): boolean => findCommand(command) !== undefined;

async function goVersion(): Promise<string | undefined> {
  const result = await tryCommand(['go', 'env', 'GOVERSION'], { cwd: '/' });
  return result.code === 0 ? result.stdout.trim() : undefined;
}

const availableMemory = (): number =>
  Number(/^MemAvailable:\s+(\d+) kB/m.exec(readOr('/proc/meminfo', ''))?.[1] ?? 0) * 1024;

function freeBytes(folder: string): number {
  let existing = folder;
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    while (!existsSync(existing)) existing = dirname(existing);
  }
  const stats = statfsSync(existing);
  return stats.bavail * stats.bsize;
}

function cgroupVersion(): Facts['cgroups'] {
  const mounts = readOr('/proc/self/mounts', '');
  if (/ cgroup \S*\bmemory\b/.test(mounts)) return 'v1';
  return / \/sys\/fs\/cgroup cgroup2 /.test(mounts) ? 'v2' : 'none';
}

async function networksInUse(): Promise<readonly string[]> {
  const routes = JSON.parse(
    await runCommand(['ip', '-4', '-json', 'route', 'show', 'table', 'all']),
  ) as readonly {
    readonly dst?: string;
  }[];
  return routes
    .map((route) => route.dst ?? '')
    .filter((network) => /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(network));
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}
