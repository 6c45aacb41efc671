import type { Command } from 'commander';
import { pause } from '../../http/pause.ts';
import { explain } from '../exit-code.ts';
import type { Io } from '../io.ts';
import type { Cluster } from '../kube/cluster.ts';
import { type MonitoredSession, monitorScreen } from '../screens/monitor.ts';
import type { Told } from '../screens/status.ts';
import { parseDuration } from '../time.ts';
import { requireCluster, type Surroundings, targetOf } from './command.ts';

/** A table of all sessions that follows them. */

interface MonitorOptions {
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly once?: boolean;
  readonly interval: string;
}

/** How many sessions are asked at once: a fleet must not be called all at the same moment. */
const AT_ONCE = 8;

export function registerMonitor(program: Command, surroundings: Surroundings): void {
  const { io } = surroundings;
  program
    .command('monitor')
    .summary('a live table of all sessions')
    .description(
      'Phase, queue, restarts and the last disconnect of every session, those that are not ready first. Ends with Ctrl-C.',
    )
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('-l, --selector <selector>', 'only those with these labels')
    .option('--interval <duration>', 'how often it looks', '2s')
    .option('--once', 'print one table, and end')
    .action(async (options: MonitorOptions, command: Command) => {
      const { cluster } = requireCluster(await targetOf(command, surroundings), 'monitor');
      const intervalMs = Math.max(500, parseDuration(options.interval));
      const once = options.once === true || !io.isTerminal;
      let sessions: readonly MonitoredSession[] = [];
      for (;;) {
        let trouble: string | undefined;
        try {
          sessions = await look(cluster, options, io.signal);
        } catch (error) {
          // A first look that fails is an error; later the table stays, and says that it is old.
          if (once || sessions.length === 0 || io.signal.aborted) throw error;
          trouble = `not up to date: ${explain(error).message}`;
        }
        draw(io, once, cluster, sessions, options, trouble);
        if (once) return;
        await pause(intervalMs, io.signal);
      }
    });
}

function draw(
  io: Io,
  once: boolean,
  { context, namespace }: Cluster,
  sessions: readonly MonitoredSession[],
  { allNamespaces = false }: MonitorOptions,
  trouble: string | undefined,
): void {
  const screen = monitorScreen({
    where: allNamespaces ? context : `${context}/${namespace}`,
    sessions,
    allNamespaces,
    trouble,
    now: io.now(),
    columns: io.isTerminal ? io.columns : 500,
  });
  io.out(`${once ? '' : '\u001B[H\u001B[2J'}${screen}\n`);
}

async function look(
  cluster: Cluster,
  { allNamespaces, selector }: MonitorOptions,
  signal: AbortSignal,
): Promise<readonly MonitoredSession[]> {
  const { listSessions, pulledStatus } = await import('../kube/sessions.ts');
  const resources = await listSessions(
    cluster,
    allNamespaces === true ? undefined : cluster.namespace,
    selector,
    signal,
  );
  const sessions: MonitoredSession[] = [];
  const waiting = resources.values();
  const ask = async (): Promise<void> => {
    for (const resource of waiting) {
      const hasPod = resource.status?.podName !== undefined;
      const told = hasPod ? await pulledStatus<Told>(cluster, resource.metadata, signal) : undefined;
      sessions.push({ resource, told });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return sessions;
}
