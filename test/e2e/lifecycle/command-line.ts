import { type ChildProcess, spawn } from 'node:child_process';

/** How a run of the cluster's command line ended. */
export interface Run {
  readonly code: number | null;
  /** stdout and stderr as they came. */
  readonly output: string;
}

/** A run that is under way. */
export interface Running {
  readonly process: ChildProcess;
  readonly done: Promise<Run>;
}

/** The command line on clusters below a state folder of the test's own. */
export interface ClusterCommandLine {
  readonly start: (cluster: string, ...args: readonly string[]) => Running;
  readonly run: (cluster: string, ...args: readonly string[]) => Promise<Run>;
}

/** Calls the command line as a person does, in a process of its own. */
export function clusterCommandLine(stateDir: string): ClusterCommandLine {
  const main = new URL('../../cluster/main.ts', import.meta.url).pathname;
  const start = (cluster: string, ...args: readonly string[]): Running => {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, CLUSTER: cluster, CLUSTER_STATE_DIR: stateDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const done = new Promise<Run>((resolve) => child.on('close', (code) => resolve({ code, output })));
    return { process: child, done };
  };
  return { start, run: (cluster, ...args) => start(cluster, ...args).done };
}
