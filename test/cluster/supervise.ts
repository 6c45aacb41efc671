import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from '../machine/command.ts';
import { Failure } from '../machine/failure.ts';
import type { Cluster } from './cluster.ts';
import { startInNode, succeedsInNode } from './node/node.ts';
import { endProcess, type ProcessRef, type ProcessState, signal, stateOf } from './node/process.ts';
import type { Part, PartName } from './parts/part.ts';

/**
 * Starts and ends the parts of a cluster one by one and tells how they are. A part that dies stays down until
 * somebody starts it: a test wants to see the fault, not a repair.
 */

/** What is known of a part that was started. */
export interface PartRecord {
  readonly ref: ProcessRef;
  readonly startedAt: string;
}

export type PartHealth = 'healthy' | 'unhealthy';

const recordPath = (cluster: Cluster, name: PartName): string => join(cluster.paths.run, `${name}.json`);

export const logPath = (cluster: Cluster, name: PartName): string => join(cluster.paths.logs, `${name}.log`);

/** The record of a part, or undefined when it was not started, or was stopped. */
export function partRecord(cluster: Cluster, name: PartName): PartRecord | undefined {
  const path = recordPath(cluster, name);
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as PartRecord;
}

export function partState(cluster: Cluster, name: PartName): ProcessState {
  const record = partRecord(cluster, name);
  return record === undefined ? 'gone' : stateOf(record.ref);
}

/** Starts a part that is gone and continues one that is paused; a running one is left alone. */
export async function startPart(cluster: Cluster, part: Part): Promise<void> {
  const record = partRecord(cluster, part.name);
  if (record !== undefined && stateOf(record.ref) !== 'gone') {
    signal(record.ref, 'SIGCONT');
    return;
  }
  for (const [path, content] of Object.entries(part.files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: 0o600 });
  }
  const ref = await startInNode(cluster, part.name, part.argv);
  const started: PartRecord = { ref, startedAt: new Date().toISOString() };
  writeFileSync(recordPath(cluster, part.name), JSON.stringify(started));
}

/** Ends a part, with SIGKILL when it does not obey or when `kill` asks for it. One that is gone is no error. */
export async function stopPart(cluster: Cluster, part: Part, kill = false): Promise<void> {
  const record = partRecord(cluster, part.name);
  if (record !== undefined) {
    if (kill) signal(record.ref, 'SIGKILL');
    await endProcess(record.ref, part.graceMs);
  }
  rmSync(recordPath(cluster, part.name), { force: true });
}

/** Waits until a part answers that it works. Throws `part_ended` or `part_not_healthy` with the end of its log. */
export async function waitHealthy(cluster: Cluster, part: Part, timeoutMs = 180_000): Promise<void> {
  for (const deadline = performance.now() + timeoutMs; ; await sleep(100)) {
    if ((await checkHealth(cluster, part)) === 'healthy') return;
    const ended = partState(cluster, part.name) === 'gone';
    if (!ended && performance.now() < deadline) continue;
    const log = lastLines(readFileSync(logPath(cluster, part.name), 'utf8'), 8);
    throw ended
      ? new Failure('part_ended', `${part.name} ended by itself:\n${log}`)
      : new Failure(
          'part_not_healthy',
          `${part.name} does not become healthy in ${timeoutMs / 1000} s:\n${log}`,
        );
  }
}

/** Asks a part once how it is; anything but a good answer within two seconds is unhealthy. */
export async function checkHealth(cluster: Cluster, part: Part): Promise<PartHealth> {
  if (partState(cluster, part.name) !== 'running') return 'unhealthy';
  const { health } = part;
  switch (health.kind) {
    case 'process':
      return 'healthy';
    case 'command':
      return (await succeedsInNode(cluster, health.argv)) ? 'healthy' : 'unhealthy';
    case 'http':
    case 'https':
      return (await answersWell(health.url, join(cluster.paths.pki, 'ca.crt'))) ? 'healthy' : 'unhealthy';
  }
}

async function answersWell(url: string, authority: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const options = { timeout: 2000, agent: false as const };
    const request = url.startsWith('https:')
      ? getHttps(url, { ...options, ca: readFileSync(authority) })
      : getHttp(url, options);
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.on('close', () => resolve(false));
  });
}
