import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binDirIn } from './build/build.ts';
import { clusterPrograms } from './build/programs.ts';
import { type Cluster, clusterPaths, describeCluster } from './cluster.ts';
import type { Settings } from './settings.ts';

/** What is remembered of a local cluster, in cluster.json: it exists from the first start until `down`. */
export interface ClusterRecord {
  readonly name: string;
  readonly range: string;
  /** Folder of the binaries that it was last started with. */
  readonly binDir: string;
  /** The machine's boot in which it was last started: process ids of an earlier one mean nothing. */
  readonly bootId: string;
  readonly createdAt: string;
}

export const currentBootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

export function readRecord(stateDir: string, name: string): ClusterRecord | undefined {
  const path = clusterPaths(stateDir, name).record;
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ClusterRecord) : undefined;
}

/** Replaces the record in one step: a reader sees the old one or the new one. */
export function writeRecord(stateDir: string, record: ClusterRecord): void {
  const path = clusterPaths(stateDir, record.name).record;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(record, undefined, 2));
  renameSync(`${path}.new`, path);
}

/** The records of every local cluster on this machine. */
export function allRecords(stateDir: string): readonly ClusterRecord[] {
  if (!existsSync(stateDir)) return [];
  return readdirSync(stateDir)
    .filter((name) => existsSync(join(stateDir, name, 'cluster.json')))
    .flatMap((name) => readRecord(stateDir, name) ?? []);
}

/** The cluster that a record describes. */
export const clusterOf = (stateDir: string, record: ClusterRecord): Cluster =>
  describeCluster(stateDir, record.name, record.range, record.binDir);

/** The recorded cluster of a name, or undefined when there is none. */
export function findCluster(settings: Settings, name: string): Cluster | undefined {
  const record = readRecord(settings.stateDir, name);
  return record === undefined ? undefined : clusterOf(settings.stateDir, record);
}

/** A first record for a cluster that does not exist yet. */
export const newRecord = (settings: Settings, name: string, range: string, now: Date): ClusterRecord => ({
  name,
  range,
  binDir: binDirIn(clusterPrograms, settings.cacheDir),
  bootId: currentBootId(),
  createdAt: now.toISOString(),
});
