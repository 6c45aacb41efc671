import type { Cluster } from './cluster.ts';
import { apiServerUrl } from './control/kubeconfig.ts';
import { nodeInit } from './node/node.ts';
import type { ProcessState } from './node/process.ts';
import { partOf } from './parts/index.ts';
import { type PartName, partNames } from './parts/part.ts';
import { checkHealth, type PartHealth, partRecord, partState } from './supervise.ts';

export interface PartStatus {
  readonly name: PartName;
  readonly state: ProcessState | 'not started';
  readonly health: PartHealth | undefined;
  readonly pid: number | undefined;
  readonly startedAt: string | undefined;
}

export interface ClusterStatus {
  readonly name: string;
  readonly phase: 'Running' | 'Degraded' | 'Stopped';
  readonly apiServer: string;
  readonly kubeconfig: string;
  readonly range: string;
  readonly parts: readonly PartStatus[];
}

/** Looks at every part of a cluster. */
export async function clusterStatus(cluster: Cluster): Promise<ClusterStatus> {
  const parts = await Promise.all(partNames.map((name) => partStatus(cluster, name)));
  return {
    name: cluster.name,
    phase: nodeInit(cluster) === undefined ? 'Stopped' : phaseOf(parts),
    apiServer: apiServerUrl(cluster),
    kubeconfig: cluster.kubeconfig,
    range: cluster.addresses.range,
    parts,
  };
}

/** kwok is there only when somebody asked for simulated nodes. */
const isOptional = (part: PartStatus): boolean => part.name === 'kwok' && part.state === 'not started';

export const phaseOf = (parts: readonly PartStatus[]): 'Running' | 'Degraded' =>
  parts.every((part) => part.health === 'healthy' || isOptional(part)) ? 'Running' : 'Degraded';

async function partStatus(cluster: Cluster, name: PartName): Promise<PartStatus> {
  const record = partRecord(cluster, name);
  if (record === undefined || nodeInit(cluster) === undefined) {
    return { name, state: 'not started', health: undefined, pid: undefined, startedAt: undefined };
  }
  return {
    name,
    state: partState(cluster, name),
    health: await checkHealth(cluster, partOf(cluster, name)),
    pid: record.ref.pid,
    startedAt: record.startedAt,
  };
}

/** The status as a table for people. */
export function formatStatus(status: ClusterStatus, now: Date): string {
  const rows = status.parts
    .filter((part) => !isOptional(part))
    .map((part) => [
      part.name,
      part.state === 'stopped' ? 'paused' : part.state,
      part.health ?? '-',
      String(part.pid ?? '-'),
      part.startedAt === undefined ? '-' : age(new Date(part.startedAt), now),
    ]);
  return [
    `${status.name}: ${status.phase}   API server ${status.apiServer}   range ${status.range}`,
    '',
    ...table([['PART', 'STATE', 'HEALTH', 'PID', 'AGE'], ...rows]),
  ].join('\n');
}

function age(since: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - since.getTime()) / 1000));
  if (seconds < 120) return `${seconds}s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3600)}h`;
}

/** Columns aligned as kubectl's are. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
