import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppsV1Api, type KubernetesObject, loadAllYaml, type V1Deployment } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SandboxClient } from '../../sandbox/src/client.ts';
import { Session } from '../../sandbox/test/support/session.ts';
import { readSettings } from '../cluster/settings.ts';
import { connectTarget } from '../cluster/target.ts';
import { ensureChromium } from '../machine/chromium.ts';
import { createNamespace, isReady, type TestNamespace } from './namespace.ts';
import { type Forwarded, forwardPort } from './port-forward.ts';

const NAME = 'whatsapp-sandbox';
const FRIEND = '4915700000000@c.us';
const SOUND = { lost: [], duplicated: [], unexpected: [], reordered: [] };
const manifest = new URL('../../sandbox/deploy/sandbox.yaml', import.meta.url);

const { local } = connectTarget(readSettings(process.env));

let namespace: TestNamespace;
let forwarded: Forwarded;
let sandbox: SandboxClient;

/** The manifest as a user applies it, with the image by the name that this cluster knows it by. */
async function readManifest(): Promise<readonly KubernetesObject[]> {
  const objects = loadAllYaml(await readFile(manifest, 'utf8')) as readonly KubernetesObject[];
  for (const object of objects) {
    if (object.kind !== 'Deployment') continue;
    const [container] = (object as V1Deployment).spec?.template.spec?.containers ?? [];
    if (container !== undefined) container.image = namespace.target.image('sandbox');
  }
  return objects;
}

/** The one pod of the Deployment that is not on its way out. */
async function currentPod(): Promise<string> {
  const { items } = await namespace.core.listNamespacedPod({
    namespace: namespace.name,
    labelSelector: `app.kubernetes.io/name=${NAME}`,
  });
  const [pod, ...others] = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  if (pod?.metadata?.name === undefined || others.length > 0)
    throw new Error(`${items.length} pods of ${NAME} instead of one`);
  return pod.metadata.name;
}

/** Waits until a pod other than the one named is Ready. */
async function awaitPod(other?: string): Promise<void> {
  const next = async () => {
    const name = await currentPod();
    if (name === other) throw new Error(`${name} is still there`);
    return name;
  };
  await namespace.podWhen(await vi.waitFor(next, { timeout: 60_000, interval: 200 }), isReady, 120);
}

/** Ends the pod at once: nothing in it gets to say goodbye. */
async function killPod(): Promise<void> {
  const name = await currentPod();
  await namespace.core.deleteNamespacedPod({ name, namespace: namespace.name, gracePeriodSeconds: 0 });
  forwarded.cut();
  await awaitPod(name);
}

beforeAll(async () => {
  namespace = await createNamespace('sandbox', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  for (const object of await readManifest()) await namespace.create(object);
  await awaitPod();
  forwarded = await forwardPort(namespace, currentPod, 8080);
  sandbox = new SandboxClient(`http://127.0.0.1:${forwarded.port}`);
});

afterAll(async () => {
  await forwarded?.close();
  await namespace.dispose();
});

describe('the sandbox on a cluster, from its manifest', () => {
  it('becomes Ready under the restricted Pod Security Standard', async () => {
    const apps = namespace.target.kubeConfig.makeApiClient(AppsV1Api);
    const { status } = await apps.readNamespacedDeployment({ name: NAME, namespace: namespace.name });
    expect(status).toMatchObject({ readyReplicas: 1, updatedReplicas: 1 });
    expect(await sandbox.call('health', {})).toEqual({ status: 'ok' });
  });

  it('makes accounts and takes their messages, and tells browsers the name of its Service', async () => {
    await sandbox.call('createAccount', { body: { number: '4915199999999', contacts: 1 } });
    expect((await sandbox.call('listAccounts', {})).map(({ number }) => number)).toEqual([
      '491510000001',
      '4915199999999',
    ]);
    const { args } = await sandbox.call('browserArgs', {});
    expect(args[0]).toContain(`MAP web.whatsapp.com ${NAME}.${namespace.name}.svc:443,`);
  });

  it('keeps key, accounts and ledger when its pod is killed', async () => {
    const content = { kind: 'text', body: 'before the kill' } as const;
    await sandbox.call('inject', { params: { number: '491510000001' }, body: { chat: FRIEND, content } });
    const ask = async () => ({
      ledger: await sandbox.call('ledger', {}),
      accounts: await sandbox.call('listAccounts', {}),
      browser: await sandbox.call('browserArgs', {}),
    });
    const before = await ask();
    expect(before.ledger.map(({ detail }) => detail)).toContain('before the kill');
    await killPod();
    expect(await ask()).toEqual(before);
  });
});

/** Services of the local cluster can be reached from this machine; those of another cluster only from inside. */
describe.runIf(local !== undefined)('unmodified whatsapp-web.js in the Chromium of this machine', () => {
  let profile: string;
  let session: Session | undefined;

  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), 'sandbox-e2e-'));
  });
  afterAll(async () => {
    await session?.kill();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  it('links and sends through the Service, also after the pod was killed under it', async () => {
    const executable = await ensureChromium(console.error);
    const service = await namespace.core.readNamespacedService({ name: NAME, namespace: namespace.name });
    const address = `${service.spec?.clusterIP}:443`;
    const { args } = await sandbox.call('browserArgs', { query: { address } });
    session = new Session({ profile, executable, phone: '491510000001' }, args);
    session.start();
    await session.next('ready', 60_000);

    await session.client.sendMessage(FRIEND, 'through the Service');
    await session.nextThat('message_ack', (_message: unknown, ack: number) => ack === 3);

    await killPod();
    await session.client.sendMessage(FRIEND, 'after the kill');
    await session.nextThat('message_ack', (_message: unknown, ack: number) => ack === 3, 60_000);

    const delivered = await sandbox.call('ledger', { query: { kind: 'delivered' } });
    expect(delivered.map(({ detail }) => detail)).toEqual(['through the Service', 'after the kill']);
    const { outbound } = await sandbox.call('audit', { query: { account: '491510000001' } });
    expect(outbound).toEqual(SOUND);
  });
});
