import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { buildProjectImages } from '../images/project-images.ts';
import { runCommand } from '../machine/command.ts';
import { Failure } from '../machine/failure.ts';
import { buildPrograms, programsToBuild } from './build/build.ts';
import { formatSeconds } from './build/estimate.ts';
import { clusterPrograms } from './build/programs.ts';
import type { Progress } from './build/progress.ts';
import type { Cluster } from './cluster.ts';
import { down, stop } from './down.ts';
import {
  drain,
  parsePart,
  pauseOne,
  restartOne,
  resumeOne,
  setFakeNodes,
  startOne,
  stopOne,
  uncordon,
} from './faults.ts';
import { loadImages } from './images.ts';
import { partNames } from './parts/part.ts';
import { ensureMachineReady } from './preflight/preflight.ts';
import { allRecords, findCluster } from './record.ts';
import type { Settings } from './settings.ts';
import { clusterStatus, formatStatus, table } from './status.ts';
import { logPath } from './supervise.ts';
import { up } from './up.ts';
import { emptyVolume, fillVolume } from './volumes.ts';

/** What a command works with. */
export interface CommandContext {
  readonly settings: Settings;
  readonly progress: Progress;
  readonly args: readonly string[];
  readonly options: {
    readonly kill: boolean;
    readonly follow: boolean;
    readonly json: boolean;
    readonly free: string;
  };
  readonly print: (text: string) => void;
}

export interface Command {
  readonly usage: string;
  readonly help: string;
  /** Returns the exit code. */
  readonly run: (context: CommandContext) => Promise<number>;
}

/** The name of the local cluster that the settings mean. Throws `not_local` for CLUSTER=existing. */
function localName(settings: Settings): string {
  if (settings.target.kind === 'local') return settings.target.name;
  throw new Failure('not_local', 'CLUSTER=existing is not made, broken or loaded by this tool', {
    remedy: "unset CLUSTER for the local cluster, or use that cluster's own tools",
  });
}

/** The cluster, which must have been started before. Throws `no_cluster`. */
function mustFind(settings: Settings): Cluster {
  const name = localName(settings);
  const cluster = findCluster(settings, name);
  if (cluster !== undefined) return cluster;
  throw new Failure('no_cluster', `there is no cluster ${name}`, { remedy: 'make cluster-up' });
}

async function upCommand({ settings, progress, print }: CommandContext): Promise<number> {
  if (settings.target.kind === 'existing') {
    print(await runCommand(['kubectl', 'cluster-info']));
    return 0;
  }
  const began = performance.now();
  const { cluster, outcome } = await up(settings, settings.target.name, progress);
  const took = formatSeconds((performance.now() - began) / 1000);
  progress.line(
    `cluster ${cluster.name}: ${outcome.replace('-', ' ')}, node ${cluster.nodeName} is Ready (${took})`,
  );
  print(`export KUBECONFIG=${cluster.kubeconfig} PATH=${cluster.binDir}:$PATH`);
  return 0;
}

async function statusCommand({ settings, options, print }: CommandContext): Promise<number> {
  const name = localName(settings);
  const cluster = findCluster(settings, name);
  if (cluster === undefined) {
    print(
      options.json ? JSON.stringify({ name, phase: 'Absent' }) : `${name}: Absent (make cluster-up makes it)`,
    );
    return 1;
  }
  const status = await clusterStatus(cluster);
  print(options.json ? JSON.stringify(status, undefined, 2) : formatStatus(status, new Date()));
  if (!options.json && status.phase !== 'Stopped') {
    print(`\nexport KUBECONFIG=${cluster.kubeconfig} PATH=${cluster.binDir}:$PATH`);
  }
  return status.phase === 'Running' ? 0 : 1;
}

function listCommand({ settings, print }: CommandContext): Promise<number> {
  const rows = allRecords(settings.stateDir).map((record) => [record.name, record.range, record.createdAt]);
  print(table([['NAME', 'RANGE', 'CREATED'], ...rows]).join('\n'));
  return Promise.resolve(0);
}

async function logsCommand({ settings, args, options }: CommandContext): Promise<number> {
  const cluster = mustFind(settings);
  const names = args[0] === undefined ? partNames : [parsePart(args[0])];
  const files = names.map((name) => logPath(cluster, name)).filter((file) => existsSync(file));
  if (files.length === 0) throw new Failure('no_logs', `nothing was logged yet in ${cluster.paths.logs}`);
  const count = args[0] === undefined ? '10' : '200';
  const tail = spawn('tail', [...(options.follow ? ['-F'] : []), '-n', count, ...files], {
    stdio: 'inherit',
  });
  return await new Promise((resolve) => tail.on('close', (code) => resolve(code ?? 0)));
}

const onPart =
  (
    act: (cluster: Cluster, context: CommandContext, name: ReturnType<typeof parsePart>) => Promise<void>,
    done: string,
  ) =>
  async (context: CommandContext): Promise<number> => {
    const name = parsePart(context.args[0]);
    await act(mustFind(context.settings), context, name);
    context.print(`${name} ${done}`);
    return 0;
  };

async function loadCommand({ settings, args, progress, print }: CommandContext): Promise<number> {
  const images = await buildProjectImages(args.length === 0 ? undefined : args, { log: progress.line });
  const loaded = await loadImages(mustFind(settings), images);
  print(loaded.length === 0 ? 'every image is loaded already' : `loaded ${loaded.join(', ')}`);
  return 0;
}

/** `NAMESPACE/CLAIM`, or a claim in the namespace `default`. */
function parseClaim(text: string | undefined): { readonly namespace: string; readonly claim: string } {
  const [first, second] = (text ?? '').split('/');
  if (first === undefined || first === '') {
    throw new Failure('no_claim', 'no claim given', { remedy: 'name one: NAMESPACE/CLAIM' });
  }
  return second === undefined ? { namespace: 'default', claim: first } : { namespace: first, claim: second };
}

async function fillCommand({ settings, args, options, print }: CommandContext): Promise<number> {
  const { namespace, claim } = parseClaim(args[0]);
  const free = Number(options.free);
  if (!Number.isInteger(free) || free < 0)
    throw new Failure('bad_free', `--free ${options.free}: want bytes`);
  const left = await fillVolume(mustFind(settings), namespace, claim, free);
  print(`the volume of ${namespace}/${claim} has ${left} bytes left`);
  return 0;
}

async function emptyCommand({ settings, args, print }: CommandContext): Promise<number> {
  const { namespace, claim } = parseClaim(args[0]);
  await emptyVolume(mustFind(settings), namespace, claim);
  print(`the volume of ${namespace}/${claim} has its space again`);
  return 0;
}

/** Runs a command with the cluster's kubeconfig and binaries, and ends as it ends. */
async function execCommand({ settings, args }: CommandContext): Promise<number> {
  const cluster = mustFind(settings);
  const [file, ...rest] = args;
  if (file === undefined)
    throw new Failure('no_command', 'no command given', { remedy: 'exec -- kubectl get pods' });
  const env = {
    ...process.env,
    KUBECONFIG: cluster.kubeconfig,
    PATH: `${cluster.binDir}:${process.env['PATH']}`,
  };
  const child = spawn(file, rest, { env, stdio: 'inherit' });
  return await new Promise((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new Failure('command_not_started', `cannot start ${file}`, { cause })),
    );
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** The commands by name, in the order of the help. */
export const commands: Readonly<Record<string, Command>> = {
  up: { usage: 'up', help: 'make the cluster, or start whatever of it is missing', run: upCommand },
  down: {
    usage: 'down',
    help: 'end the cluster and remove all of it, data included',
    run: async ({ settings, progress, print }) => {
      await down(settings, localName(settings), progress);
      print(`cluster ${localName(settings)} is gone`);
      return 0;
    },
  },
  stop: {
    usage: 'stop',
    help: 'end the node as a power cut would; its data stays for the next up',
    run: async ({ settings, progress, print }) => {
      await stop(settings, mustFind(settings).name, progress);
      print(`cluster ${localName(settings)} is stopped`);
      return 0;
    },
  },
  status: {
    usage: 'status [--json]',
    help: 'every part: state, health, process; 0 when all is well',
    run: statusCommand,
  },
  list: { usage: 'list', help: 'the local clusters on this machine', run: listCommand },
  logs: { usage: 'logs [PART] [--follow]', help: 'what the parts log', run: logsCommand },
  build: {
    usage: 'build',
    help: 'build the programs only; up does it when needed',
    run: async ({ settings, progress, print }) => {
      await ensureMachineReady(
        {
          settings,
          ownRange: undefined,
          programsToBuild: programsToBuild(clusterPrograms, settings.cacheDir),
        },
        progress,
      );
      print(await buildPrograms(clusterPrograms, settings.cacheDir, progress));
      return 0;
    },
  },
  load: {
    usage: 'load [IMAGE...]',
    help: "build the project's images and load them into the cluster",
    run: loadCommand,
  },
  exec: {
    usage: 'exec -- COMMAND...',
    help: "run a command with the cluster's kubeconfig and kubectl",
    run: execCommand,
  },
  'stop-part': {
    usage: 'stop-part PART [--kill]',
    help: 'end one part; --kill: by SIGKILL',
    run: onPart((cluster, context, name) => stopOne(cluster, name, context.options.kill), 'is stopped'),
  },
  'start-part': {
    usage: 'start-part PART',
    help: 'start a part that was ended',
    run: onPart((cluster, _, name) => startOne(cluster, name), 'is running'),
  },
  'restart-part': {
    usage: 'restart-part PART [--kill]',
    help: 'end and start one part',
    run: onPart((cluster, context, name) => restartOne(cluster, name, context.options.kill), 'was restarted'),
  },
  'pause-part': {
    usage: 'pause-part PART',
    help: 'freeze one part: its connections stay, nothing answers',
    run: onPart((cluster, _, name) => pauseOne(cluster, name), 'is paused'),
  },
  'resume-part': {
    usage: 'resume-part PART',
    help: 'let a frozen part go on',
    run: onPart((cluster, _, name) => resumeOne(cluster, name), 'goes on'),
  },
  drain: {
    usage: 'drain',
    help: 'evict the pods of the node and cordon it',
    run: async ({ settings, print }) => {
      print((await drain(mustFind(settings))).trimEnd());
      return 0;
    },
  },
  uncordon: {
    usage: 'uncordon',
    help: 'let pods onto the node again',
    run: async ({ settings, print }) => {
      print((await uncordon(mustFind(settings))).trimEnd());
      return 0;
    },
  },
  'fill-volume': {
    usage: 'fill-volume NAMESPACE/CLAIM [--free BYTES]',
    help: "fill a claim's volume until BYTES (default 0) are left",
    run: fillCommand,
  },
  'empty-volume': {
    usage: 'empty-volume NAMESPACE/CLAIM',
    help: 'take the filling out again',
    run: emptyCommand,
  },
  'fake-nodes': {
    usage: 'fake-nodes COUNT',
    help: 'have this many simulated nodes beside the real one; 0 removes them',
    run: async ({ settings, args, print }) => {
      const count = args[0] === undefined ? Number.NaN : Number(args[0]);
      await setFakeNodes(mustFind(settings), count);
      print(`${count} simulated nodes`);
      return 0;
    },
  },
};
