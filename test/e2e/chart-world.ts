import { SandboxClient } from '../../sandbox/src/client.ts';
import { SessionApi, untilAnswered } from '../demo/session-api.ts';
import {
  type ClusterCommands,
  installRelease,
  kubectl,
  type Release,
  uninstallRelease,
} from '../release/release.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';
import { forwardPort } from './port-forward.ts';

/** Whom the sandbox knows from the start, and whom its accounts can write to. */
export const NUMBER = '491510000001';
export const FRIEND = '4915700000000@c.us';

/** A release of the chart in a namespace of its own, and what tests do with it and its sessions. */
export interface ChartWorld {
  readonly namespace: TestNamespace;
  readonly release: Release;
  /** Installs, or upgrades to, other values or another chart. */
  readonly install: (change?: Partial<Release>) => Promise<string>;
  readonly uninstall: () => Promise<void>;
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** The value of a path of an object, as text; empty when there is none. */
  readonly read: (namespace: string, object: string, path: string) => Promise<string>;
  readonly dispose: () => Promise<void>;
}

/**
 * @param helm which helm installs; Helm 4 of the cluster unless another is given
 * @param exactName name of release and namespace, instead of one that begins with the prefix
 */
export async function createChartWorld(
  prefix: string,
  values: Readonly<Record<string, unknown>>,
  { helm, exactName }: { readonly helm?: string; readonly exactName?: string } = {},
): Promise<ChartWorld> {
  const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace = await createNamespace(prefix, restricted, exactName);
  const { target } = namespace;
  const commands: ClusterCommands = { ...target.commands, ...(helm === undefined ? {} : { helm }) };
  const release: Release = {
    name: namespace.name,
    namespace: namespace.name,
    values: { images: { registry: target.registry }, ...values },
    takeOwnership: true,
  };
  const run = (...args: readonly string[]) => kubectl(commands, args);
  return {
    namespace,
    release,
    kubectl: run,
    install: (change = {}) =>
      installRelease(commands, { ...release, ...change, values: { ...release.values, ...change.values } }),
    uninstall: () => uninstallRelease(commands, release),
    read: (where, object, path) =>
      run('get', '-n', where, object, '--ignore-not-found', '-o', `jsonpath=${path}`),
    dispose: async () => {
      await uninstallRelease(commands, release);
      await namespace.dispose();
    },
  };
}

/** Applies a session with every default. */
export async function applySession(world: ChartWorld, namespace: string, name: string): Promise<void> {
  const session = {
    apiVersion: 'whatsapp-operator.io/v1alpha1',
    kind: 'WhatsAppSession',
    metadata: { name },
    spec: {},
  };
  await kubectl(world.namespace.target.commands, ['apply', '-n', namespace, '-f', '-'], {
    input: JSON.stringify(session),
  });
}

/** Waits for what `kubectl wait` understands, such as `condition=Ready`. */
export const waitFor = (world: ChartWorld, namespace: string, name: string, what: string): Promise<string> =>
  world.kubectl('wait', '-n', namespace, `was/${name}`, `--for=${what}`, '--timeout=150s');

/** The API of a session and the sandbox's control API, through the API server; closed after the work. */
export async function withApis<T>(
  world: ChartWorld,
  session: { readonly namespace: string; readonly name: string },
  work: (api: SessionApi, sandbox: SandboxClient) => Promise<T>,
): Promise<T> {
  const { target } = world.namespace;
  const key = await world.read(session.namespace, `secret/${session.name}-api-key`, '{.data.api-key}');
  const sandboxPod = async () =>
    world.read(
      world.namespace.name,
      'pods',
      '{.items[?(@.metadata.labels.app\\.kubernetes\\.io/name=="whatsapp-sandbox")].metadata.name}',
    );
  const api = await forwardPort({ name: session.namespace, target }, async () => session.name, 3000);
  const control = await forwardPort({ name: world.namespace.name, target }, sandboxPod, 8080);
  try {
    return await work(
      new SessionApi(`http://127.0.0.1:${api.port}`, Buffer.from(key, 'base64').toString()),
      new SandboxClient(`http://127.0.0.1:${control.port}`),
    );
  } finally {
    await Promise.all([api.close(), control.close()]);
  }
}

/** Makes a session and links it to the account of the sandbox. */
export async function linkedSession(world: ChartWorld, namespace: string, name: string): Promise<void> {
  await applySession(world, namespace, name);
  await waitFor(world, namespace, name, 'jsonpath={.status.phase}=Pairing');
  await withApis(world, { namespace, name }, (api, sandbox) =>
    untilAnswered('the phone scanning the code', 60_000, async () =>
      sandbox.call('scan', { params: { number: NUMBER }, body: { qr: await api.qr('json') } }),
    ),
  );
  await waitFor(world, namespace, name, 'condition=Ready');
}
