import { setTimeout as sleep } from 'node:timers/promises';
import { startOne, stopOne } from '../cluster/faults.ts';
import type { Fleet } from './fleet.ts';
import { type OperatorProcess, startOperator, untilCalm } from './operator-process.ts';
import { ownWrites, quantile, servedWrites } from './requests.ts';
import type { Stage } from './stage.ts';

/** How much is measured. */
export interface Extent {
  /** Sessions that a fresh API server gets to warm up on; nothing of them counts. */
  readonly thrownAway: number;
  readonly measured: number;
  readonly perSecond: number;
  readonly plateaus: readonly number[];
  readonly idleSeconds: number;
}

export interface Starts {
  readonly perSecond: number;
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** By the operator's own count. */
  readonly writesPerStart: number;
  /** By the API server's count, per start and kind. */
  readonly servedPerStart: Readonly<Record<string, number>>;
  readonly cpuMsPerStart: number;
}

export interface Plateau {
  readonly sessions: number;
  /** How many were made a second, by everything on this machine together. */
  readonly madePerSecond: number;
  readonly rssMiB: number;
  readonly idleWritesPerSecond: number;
  readonly idleCpuSecondsPerMinute: number;
  readonly restartMs: number;
  readonly rssAfterRestartMiB: number;
  /** Objects that an operator which started anew has written to although nothing had changed. */
  readonly rewritten: number;
  readonly connections: number;
}

const writesOf = (operator: OperatorProcess) => async () => ownWrites(await operator.scrape());

/** Kinds that the operator makes, or writes to, one per start. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  persistentvolumeclaims: ['POST'],
  secrets: ['POST'],
  services: ['POST'],
  networkpolicies: ['POST'],
  pods: ['POST'],
  'whatsappsessions/status': ['PATCH'],
};

const served = (scrape: string): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(KINDS).map(([kind, verbs]) => [kind, servedWrites(scrape, kind, verbs)]));

export const namesOf = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

/** Sessions made at a rate far below what saturates the machine, with kwok, the real scheduler and volumes. */
export async function measureStarts(
  stage: Stage,
  fleet: Fleet,
  operator: OperatorProcess,
  extent: Extent,
): Promise<Starts> {
  const { thrownAway, measured, perSecond } = extent;
  const [warm, names] = [namesOf('warm', thrownAway), namesOf('start', measured)];
  await fleet.provide([...warm, ...names]);
  await fleet.makeAtRate(warm, perSecond * 2);
  await untilCalm(writesOf(operator), 5000, 300_000);

  const before = {
    own: await writesOf(operator)(),
    served: served(await stage.apiServerMetrics()),
    cpu: operator.cpuSeconds(),
  };
  const latencies = await fleet.makeAtRate(names, perSecond);
  await untilCalm(writesOf(operator), 5000, 300_000);
  const after = {
    own: await writesOf(operator)(),
    served: served(await stage.apiServerMetrics()),
    cpu: operator.cpuSeconds(),
  };
  return {
    perSecond,
    count: measured,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    writesPerStart: (after.own - before.own) / measured,
    servedPerStart: Object.fromEntries(
      Object.entries(after.served).map(([kind, count]) => [
        kind,
        (count - (before.served[kind] ?? 0)) / measured,
      ]),
    ),
    cpuMsPerStart: ((after.cpu - before.cpu) * 1000) / measured,
  };
}

/** Nobody but the operator looks after sessions from here on: what is laid out costs nothing while it lies there. */
export async function stopOthers({ cluster }: Stage): Promise<void> {
  for (const part of ['kwok', 'scheduler', 'controller-manager'] as const)
    await stopOne(cluster, part, false);
}

export async function startOthers({ cluster }: Stage): Promise<void> {
  for (const part of ['controller-manager', 'scheduler'] as const) await startOne(cluster, part);
}

/** Fills up to a number of sessions, then looks at the operator at rest, and starts it anew. */
export async function measurePlateau(
  stage: Stage,
  fleet: Fleet,
  operator: OperatorProcess,
  sessions: number,
  { idleSeconds }: Extent,
): Promise<{ readonly plateau: Plateau; readonly operator: OperatorProcess }> {
  const there = await fleet.countReady();
  const began = performance.now();
  await fleet.layOut(namesOf(`plateau-${sessions}`, Math.max(0, sessions - there)));
  const madePerSecond = (sessions - there) / ((performance.now() - began) / 1000);
  await untilCalm(writesOf(operator), 5000, 300_000);
  const ready = await fleet.countReady();
  if (ready < sessions * 0.999) throw new Error(`${ready} of ${sessions} sessions are connected`);

  // What the starts have left over is collected before it is looked at what rest costs.
  await sleep(idleSeconds * 500);
  const before = { writes: await writesOf(operator)(), cpu: operator.cpuSeconds() };
  const rssMiB = operator.rssMiB();
  await sleep(idleSeconds * 1000);
  // Read before the scrape, which is work of its own.
  const cpu = operator.cpuSeconds() - before.cpu;
  const writes = (await writesOf(operator)()) - before.writes;
  const connections = operator.connections();

  const found = await fleet.objects();
  await operator.stop();
  const stopped = performance.now();
  const next = startOperator(stage);
  await fleet.make(`restart-${sessions}`);
  const restartMs = performance.now() - stopped;
  await untilCalm(writesOf(next), 10_000, 120_000);
  const rewritten = changedBetween(found, await fleet.objects());
  const [example] = rewritten;
  if (example !== undefined) console.error(`rewritten, for example:\n${JSON.stringify(example)}`);
  return {
    plateau: {
      sessions,
      madePerSecond,
      rssMiB,
      idleWritesPerSecond: writes / idleSeconds,
      idleCpuSecondsPerMinute: (cpu / idleSeconds) * 60,
      restartMs,
      rssAfterRestartMiB: next.rssMiB(),
      rewritten: rewritten.length,
      connections,
    },
    operator: next,
  };
}

type Objects = Awaited<ReturnType<Fleet['objects']>>;

/** Pairs of what an object was and what it became. */
const changedBetween = (before: Objects, after: Objects) =>
  [...before]
    .map(([name, was]) => [was, after.get(name)] as const)
    .filter(([was, is]) => was.metadata.resourceVersion !== is?.metadata.resourceVersion);

/** From the death of a leader to the pod of a session that was made right after it, by the one that stood by. */
export async function measureFailover(
  stage: Stage,
  fleet: Fleet,
  leader: OperatorProcess,
): Promise<{ readonly failoverMs: number; readonly operator: OperatorProcess }> {
  const standby = startOperator(stage);
  // Its caches are warm when it has asked for everything; the lease is not its to take yet.
  await sleep(15_000);
  const killed = performance.now();
  leader.signal('SIGKILL');
  await fleet.make(`failover-${Math.round(killed)}`);
  return { failoverMs: performance.now() - killed, operator: standby };
}
