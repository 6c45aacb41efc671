import { parseArgs } from 'node:util';
import { describeFailure, Failure } from '../machine/failure.ts';
import { openProgress } from './build/progress.ts';
import { commands } from './commands.ts';
import { readSettings } from './settings.ts';
import { table } from './status.ts';

/**
 * The command line of the local cluster. Exit codes: 0 done, 1 failed or not running, 2 not understood.
 * What a program may want to read goes to stdout, progress to stderr.
 */
const help = (): string =>
  [
    'A real single-node Kubernetes on this Linux machine (root needed).',
    '',
    'usage: node test/cluster/main.ts COMMAND',
    '',
    ...table(Object.values(commands).map(({ usage, help }) => [`  ${usage}`, help])),
    '',
    'PART is one of those that status shows. Environment:',
    ...table([
      ['  CLUSTER', 'name of the cluster, default "default"; several live side by side'],
      ['', '"existing": whatever the current kubeconfig context points at'],
      ['  CLUSTER_RANGE', '10.N.0.0/16 that a new cluster takes; default: the first free from 10.160 on'],
      ['  CLUSTER_STATE_DIR', 'data of the clusters, default /var/lib/whatsapp-operator/clusters'],
      ['  CLUSTER_CACHE_DIR', 'built binaries and images, default ~/.cache/whatsapp-operator'],
    ]),
  ].join('\n');

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv);
  const [name, ...args] = positionals;
  if (values.help || name === undefined) {
    console.log(help());
    return name === undefined && !values.help ? 2 : 0;
  }
  const command = commands[name];
  if (command === undefined) {
    throw new Failure('usage', `there is no command ${name}`, { remedy: 'see --help' });
  }
  const progress = openProgress(process.stderr);
  try {
    return await command.run({
      settings: readSettings(process.env),
      progress,
      args,
      options: { kill: values.kill, follow: values.follow, json: values.json, free: values.free },
      print: (text) => console.log(text),
    });
  } finally {
    progress.close();
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        kill: { type: 'boolean', default: false },
        follow: { type: 'boolean', short: 'f', default: false },
        json: { type: 'boolean', default: false },
        free: { type: 'string', default: '0' },
      },
    });
  } catch (cause) {
    throw new Failure('usage', cause instanceof Error ? cause.message : String(cause), {
      remedy: 'see --help',
    });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${describeFailure(error)}`);
  process.exitCode = error instanceof Failure && error.code === 'usage' ? 2 : 1;
}
