import { setTimeout as sleep } from 'node:timers/promises';
import { SandboxClient } from '../../sandbox/src/client.ts';
import { loadImages } from '../cluster/images.ts';
import type { Settings } from '../cluster/settings.ts';
import { connectTarget, type TargetCluster } from '../cluster/target.ts';
import { up } from '../cluster/up.ts';
import { type Forwarded, forwardPort } from '../e2e/port-forward.ts';
import { buildProjectImages } from '../images/project-images.ts';
import { tryCommand } from '../machine/command.ts';
import { Failure } from '../machine/failure.ts';
import { installRelease, kubectl } from '../release/release.ts';
import type { Narrator } from './narrator.ts';

/** Where the demo takes place. The names are those that the README uses. */
export const RELEASE = { name: 'whatsapp-operator', namespace: 'whatsapp-system' } as const;
export const SANDBOX = 'whatsapp-operator-sandbox';
export const NAMESPACE = 'whatsapp-demo';

/** A cluster with the operator and the simulated WhatsApp on it. */
export interface Stage {
  readonly target: TargetCluster;
  readonly sandbox: SandboxClient;
  readonly close: () => Promise<void>;
}

/** Images whose pods a second run has to start anew when they have changed. */
const RESTARTED = [
  { image: 'whatsapp-operator', deployment: RELEASE.name },
  { image: 'whatsapp-sandbox', deployment: SANDBOX },
] as const;

/** Cluster, images, chart: brings each to what it should be, whatever an earlier run has left. */
export async function prepareStage(settings: Settings, tell: Narrator): Promise<Stage> {
  tell.chapter('A Kubernetes cluster');
  const target = await bringUp(settings, tell);
  tell.chapter('Images');
  const loaded = await provideImages(target, tell);
  tell.chapter('The operator, and a simulated WhatsApp');
  await install(target, loaded, tell);
  const forwarded = await forwardSandbox(target);
  return {
    target,
    sandbox: new SandboxClient(`http://127.0.0.1:${forwarded.port}`),
    close: forwarded.close,
  };
}

async function bringUp(settings: Settings, tell: Narrator): Promise<TargetCluster> {
  if (settings.target.kind === 'existing') {
    const target = connectTarget(settings);
    await requireTools(target);
    const context = target.kubeConfig.getCurrentContext();
    tell.say(`the cluster of the current context: ${context}`);
    return target;
  }
  const { name } = settings.target;
  // What is built for the first time takes minutes, and tells so itself.
  const { cluster, outcome } = await tell.during(
    `starting the local cluster ${name}`,
    up(settings, name, tell.progress),
  );
  const target = connectTarget(settings);
  const version = JSON.parse(await kubectl(target.commands, ['version', '--output', 'json'])) as {
    readonly serverVersion: { readonly gitVersion: string };
  };
  tell.say(
    `Kubernetes ${version.serverVersion.gitVersion}, node ${cluster.nodeName}: ${outcome.replace('-', ' ')}`,
  );
  return target;
}

async function requireTools({ commands }: TargetCluster): Promise<void> {
  for (const argv of [
    [commands.helm, 'version'],
    [commands.kubectl, 'cluster-info'],
  ] as const) {
    const { code, stderr } = await tryCommand(argv, { env: commands.env, timeoutMs: 15_000 });
    if (code === 0) continue;
    throw new Failure('no_cluster', `${argv.join(' ')} failed: ${stderr.trim()}`, {
      remedy: 'install helm and kubectl, and choose the cluster with kubectl config use-context',
    });
  }
}

/** Builds the images and loads them; a cluster of somebody else gets them from where it can pull. Returns what is new. */
async function provideImages(target: TargetCluster, tell: Narrator): Promise<readonly string[]> {
  if (target.local === undefined) {
    tell.say(`the cluster takes them from ${target.registry} (IMAGE_REGISTRY names another place)`);
    return [];
  }
  const built = await tell.during(
    'building them from the Dockerfiles of this checkout',
    buildProjectImages(['sandbox', 'operator', 'session'], { log: () => {} }),
  );
  const loaded = await tell.during('loading them into the cluster', loadImages(target.local, built));
  for (const { tag, bytes } of built) {
    const name = tag.split('/').at(-1) ?? tag;
    const isNew = loaded.some((line) => line.startsWith(tag));
    tell.say(
      `${name.padEnd(24)} ${String(Math.round(bytes / 2 ** 20)).padStart(4)} MiB${isNew ? '' : ', there already'}`,
    );
  }
  return loaded;
}

async function install(target: TargetCluster, loaded: readonly string[], tell: Narrator): Promise<void> {
  const { commands } = target;
  const isThere = await refuseAnothersRelease(target);
  await ensureNamespace(target, RELEASE.namespace);
  tell.command(
    `helm upgrade --install ${RELEASE.name} charts/whatsapp-operator -n ${RELEASE.namespace} --set sandbox.enabled=true --wait`,
  );
  // On a cluster of ours the resource may have been left by a test; on another it belongs to somebody.
  const takeOwnership = target.local !== undefined;
  const values = { sandbox: { enabled: true }, images: { registry: target.registry } };
  await tell.during('installing', installRelease(commands, { ...RELEASE, values, takeOwnership }));
  for (const { image, deployment } of RESTARTED) {
    // The tag is the same, so the Deployment does not see that the image behind it is another.
    if (!isThere || !loaded.some((line) => line.includes(`/${image}:`))) continue;
    const where = ['-n', RELEASE.namespace, `deployment/${deployment}`];
    await kubectl(commands, ['rollout', 'restart', ...where]);
    await tell.during(
      `restarting ${deployment}`,
      kubectl(commands, ['rollout', 'status', '--timeout=120s', ...where]),
    );
  }
  tell.output(await kubectl(commands, ['get', 'pods', '-n', RELEASE.namespace]));
}

/** Whether the demo's release is there. Throws `not_ours` where the operator runs sessions of the real WhatsApp. */
async function refuseAnothersRelease({ commands }: TargetCluster): Promise<boolean> {
  const argv = [commands.helm, 'get', 'values', RELEASE.name, '-n', RELEASE.namespace, '-o', 'json'];
  const { code, stdout } = await tryCommand(argv, { env: commands.env });
  if (code !== 0) return false;
  const values = JSON.parse(stdout) as { readonly sandbox?: { readonly enabled?: boolean } } | null;
  if (values?.sandbox?.enabled === true) return true;
  throw new Failure(
    'not_ours',
    `this cluster has a release ${RELEASE.name} that is no demo: the demo would send its sessions to the simulation`,
    { remedy: 'use another cluster, or the local one (unset CLUSTER)' },
  );
}

/** A namespace in which the API server refuses every pod that is not restricted. */
export async function ensureNamespace({ commands }: TargetCluster, name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await kubectl(commands, ['apply', '--filename', '-'], { input: JSON.stringify(namespace) });
}

async function forwardSandbox(target: TargetCluster): Promise<Forwarded> {
  const pod = async (): Promise<string> => {
    const selector = `app.kubernetes.io/name=whatsapp-sandbox,app.kubernetes.io/instance=${RELEASE.name}`;
    const query = [
      'get',
      'pods',
      '-n',
      RELEASE.namespace,
      '-l',
      selector,
      '--field-selector=status.phase=Running',
    ];
    const names = await kubectl(target.commands, [...query, '-o', 'name']);
    const [name] = names.trim().split('\n');
    if (name === undefined || name === '') throw new Error('the sandbox has no pod that runs');
    return name.replace('pod/', '');
  };
  const forwarded = await forwardPort({ name: RELEASE.namespace, target }, pod, 8080);
  for (const deadline = performance.now() + 30_000; ; await sleep(200)) {
    const response = await fetch(`http://127.0.0.1:${forwarded.port}/healthz`).catch(() => undefined);
    if (response?.ok) return forwarded;
    if (performance.now() > deadline)
      throw new Failure('no_sandbox', 'the simulated WhatsApp does not answer');
  }
}
