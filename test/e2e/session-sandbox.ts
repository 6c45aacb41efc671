import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubernetesObject, loadAllYaml, type V1Deployment } from '@kubernetes/client-node';
import { SandboxClient } from '../../sandbox/src/client.ts';
import { isReady, type TestNamespace } from './namespace.ts';
import { type Forwarded, forwardPort } from './port-forward.ts';

/** The simulated WhatsApp of a test's namespace, from the manifest that the project ships. */
export interface SessionSandbox {
  readonly client: SandboxClient;
  /** Settings with which an operator sends its sessions there. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
  /** Opens the way there anew, as it has to be after its node or the API server was away. */
  readonly reconnect: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const NAME = 'whatsapp-sandbox';
const manifest = new URL('../../sandbox/deploy/sandbox.yaml', import.meta.url);

export async function deploySandbox(namespace: TestNamespace): Promise<SessionSandbox> {
  const objects = loadAllYaml(await readFile(manifest, 'utf8')) as readonly KubernetesObject[];
  for (const object of objects) {
    const [container] = (object as V1Deployment).spec?.template?.spec?.containers ?? [];
    if (container !== undefined) container.image = namespace.target.image('sandbox');
    await namespace.create(object);
  }
  const forwarded: Forwarded = await forwardPort(namespace, () => readyPod(namespace), 8080);
  const client = new SandboxClient(`http://127.0.0.1:${forwarded.port}`);
  const reachable = async () => {
    for (const deadline = performance.now() + 120_000; ; await sleep(300)) {
      try {
        await client.call('health', {});
        return;
      } catch (cause) {
        if (performance.now() > deadline) throw new Error('the sandbox does not answer', { cause });
      }
    }
  };
  await reachable();
  const [toSandbox, ports] = [
    { podSelector: { matchLabels: { 'app.kubernetes.io/name': NAME } } },
    [8443, 8080],
  ];
  return {
    client,
    operatorEnvironment: {
      SESSION_ENV: JSON.stringify([
        { name: 'SANDBOX_URL', value: `http://${NAME}.${namespace.name}.svc:8080` },
      ]),
      NETWORK_EXTRA_EGRESS: JSON.stringify([
        { to: [toSandbox], ports: ports.map((port) => ({ port, protocol: 'TCP' })) },
      ]),
    },
    reconnect: async () => {
      forwarded.cut();
      await reachable();
    },
    close: () => forwarded.close(),
  };
}

async function readyPod(namespace: TestNamespace): Promise<string> {
  const { items } = await namespace.core.listNamespacedPod({
    namespace: namespace.name,
    labelSelector: `app.kubernetes.io/name=${NAME}`,
  });
  const name = items.find((pod) => pod.metadata?.deletionTimestamp === undefined && isReady(pod))?.metadata
    ?.name;
  if (name === undefined) throw new Error('the sandbox has no pod that is ready');
  return name;
}
