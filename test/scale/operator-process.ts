import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseCpuSeconds, parseMemory } from '../bench/usage.ts';
import type { Stage } from './stage.ts';

/**
 * The operator as it is shipped: its bundled file, with the rights of its own service account, in the network of the
 * node and with the files that a pod would have.
 */
export interface OperatorProcess {
  readonly pid: number;
  /** Processor time so far, user and system, in seconds. */
  readonly cpuSeconds: () => number;
  readonly rssMiB: () => number;
  /** Connections to the API server opened so far. */
  readonly connections: () => number;
  /** Writes that it has asked for so far, without those of its lease. */
  readonly scrape: () => Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Ends it in order and waits for that. */
  readonly stop: () => Promise<void>;
}

const bundle = fileURLToPath(new URL('../../operator/dist/main.js', import.meta.url));
const connections = fileURLToPath(new URL('connections.mjs', import.meta.url));

/** Where a pod has its token, in a mount namespace of the process alone. */
const inPod = [
  'mount -t tmpfs tmpfs /run',
  'mkdir -p /run/secrets/kubernetes.io/serviceaccount',
  'cp "$TOKEN_FILE" /run/secrets/kubernetes.io/serviceaccount/token',
  'cp "$CA_FILE" /run/secrets/kubernetes.io/serviceaccount/ca.crt',
  'exec "$@"',
].join(' && ');

let nextPort = 18_080;

/** Starts one and returns at once. Two may run side by side. */
export function startOperator(stage: Stage): OperatorProcess {
  const port = nextPort++;
  const argv = [
    ...['nsenter', `--net=/proc/${stage.nodePid}/ns/net`, 'unshare', '--mount', '--propagation', 'private'],
    ...['sh', '-c', inPod, 'operator', process.execPath, ...stage.nodeOptions],
    ...['--import', connections, bundle],
  ];
  const [file = '', ...args] = argv;
  const child: ChildProcess = spawn(file, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      TOKEN_FILE: stage.tokenFile,
      CA_FILE: stage.caFile,
      NODE_ENV: 'production',
      KUBERNETES_SERVICE_HOST: stage.server.hostname,
      KUBERNETES_SERVICE_PORT: stage.server.port,
      POD_NAMESPACE: stage.operatorNamespace,
      SESSION_IMAGE: 'example.org/whatsapp-session:scale',
      HEALTH_PORT: String(port),
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the operator could not be started');
  let opened = 0;
  (child.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => {
    opened += text.split('\n').filter((host) => host.startsWith(stage.server.hostname)).length;
  });
  const exited = once(child, 'exit');
  return {
    pid,
    cpuSeconds: () => parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    rssMiB: () => parseMemory(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')).rssMiB,
    connections: () => opened,
    scrape: async () => (await fetch(`http://${stage.server.hostname}:${port}/metrics`)).text(),
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Waits until the operator has worked off what there is: no write of its own for `calmMs`. */
export async function untilCalm(
  writes: () => Promise<number>,
  calmMs: number,
  withinMs: number,
): Promise<void> {
  let [last, since] = [await writes(), performance.now()];
  for (const deadline = performance.now() + withinMs; performance.now() < deadline; await sleep(500)) {
    const now = await writes();
    if (now !== last) [last, since] = [now, performance.now()];
    else if (performance.now() - since > calmMs) return;
  }
  throw new Error(`the operator still writes after ${withinMs / 1000} s`);
}

/** What the image tells Node beside the program: the flags in the command of its Dockerfile. */
export async function imageNodeOptions(): Promise<readonly string[]> {
  const dockerfile = await readFile(new URL('../../operator/Dockerfile', import.meta.url), 'utf8');
  const command: unknown = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]');
  if (!Array.isArray(command) || command[0] !== 'node')
    throw new Error('the Dockerfile of the operator has no CMD node');
  return command.map(String).filter((word) => word.startsWith('--'));
}
