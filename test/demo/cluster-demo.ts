import process from 'node:process';
import { parseArgs } from 'node:util';
import { openProgress } from '../cluster/build/progress.ts';
import { down } from '../cluster/down.ts';
import { findCluster } from '../cluster/record.ts';
import { readSettings, type Settings } from '../cluster/settings.ts';
import { connectTarget } from '../cluster/target.ts';
import { describeFailure } from '../machine/failure.ts';
import { kubectl, uninstallRelease } from '../release/release.ts';
import { whatNext } from './farewell.ts';
import { createNarrator, type Narrator } from './narrator.ts';
import { NAMESPACE, prepareStage, RELEASE, SANDBOX } from './stage.ts';
import { SESSION, showSession, tellStory } from './story.ts';

/** `make demo`: the product's main job on a real cluster, with nothing simulated but WhatsApp itself. */

/** The local cluster that is the demo's own. */
const OWN = 'demo';

const usage = `usage: node test/demo/cluster-demo.ts [--down]

Brings a cluster up, installs the operator with a simulated WhatsApp, links a session, sends a message, kills the pod,
sends another, and compares what was accepted with what arrived. A second run begins anew and is quick.

  --down   remove what the demo has made

CLUSTER       name of the local cluster, default "${OWN}"; "existing" for the current kubeconfig context
IMAGE_REGISTRY  where an existing cluster finds the images (docs/cluster.md)
Exit code: 0 every message arrived once, 1 not so, 2 it could not be tried.`;

async function demo(settings: Settings, tell: Narrator): Promise<number> {
  console.log('One WhatsApp session on a real Kubernetes. Simulated is WhatsApp itself, and nothing else.');
  const stage = await prepareStage(settings, tell);
  try {
    const verdict = await tellStory(stage, tell);
    tell.chapter('The session');
    tell.command(`kubectl get was -n ${NAMESPACE}`);
    tell.output(await showSession(stage.target.commands));
    const { local } = stage.target;
    tell.chapter('What to try next');
    tell.output(
      whatNext({
        environment:
          local === undefined
            ? undefined
            : `export KUBECONFIG=${local.kubeconfig} PATH=${local.binDir}:$PATH`,
        namespace: NAMESPACE,
        session: SESSION,
        system: RELEASE.namespace,
        sandbox: SANDBOX,
      }),
    );
    return verdict.clean ? 0 : 1;
  } finally {
    await stage.close();
  }
}

/** Removes the demo's own cluster; from any other the session, the release and the resource. */
async function demoDown(settings: Settings): Promise<number> {
  const { target } = settings;
  const progress = openProgress(process.stderr);
  try {
    if (target.kind === 'local' && target.name === OWN) {
      await down(settings, OWN, progress);
      console.log(`cluster ${OWN} is gone, and everything in it`);
      return 0;
    }
    if (target.kind === 'local' && findCluster(settings, target.name) === undefined) {
      console.log(`there is no cluster ${target.name}`);
      return 0;
    }
    const { commands } = connectTarget(settings);
    await kubectl(commands, ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait']);
    await uninstallRelease(commands, RELEASE);
    await kubectl(commands, ['delete', 'namespace', RELEASE.namespace, '--ignore-not-found', '--wait']);
    console.log(
      'the demo is gone; the resource WhatsAppSession stays (kubectl delete crd removes it with every session)',
    );
    return 0;
  } finally {
    progress.close();
  }
}

function parse(): { readonly down: boolean; readonly help: boolean } | string {
  try {
    const options = {
      down: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(): Promise<number> {
  const command = parse();
  if (typeof command === 'string') {
    console.error(`${command}\n${usage}`);
    return 2;
  }
  if (command.help) {
    console.log(usage);
    return 0;
  }
  const settings = readSettings({ ...process.env, CLUSTER: process.env['CLUSTER'] || OWN });
  return command.down ? await demoDown(settings) : await demo(settings, createNarrator(process.stdout));
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`\nerror: ${describeFailure(error)}`);
  process.exitCode = 2;
}
// The library of the port forwarding holds sockets that nobody waits for any more.
process.exit();
