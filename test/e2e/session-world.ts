import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Condition, SessionStatus } from '../../api/src/resource/index.ts';
import { openClient } from '../../operator/src/connect.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { kubeConfigAccess } from '../../operator/src/kube/credentials.ts';
import { isNotFound } from '../../operator/src/kube/errors.ts';
import { silentLogger } from '../../operator/src/kube/logger.ts';
import type { KubeObject, Live } from '../../operator/src/kube/objects.ts';
import type { Pod } from '../../operator/src/kube/pod.ts';
import { claims, pods, type Resource } from '../../operator/src/kube/resource.ts';
import { runOperator } from '../../operator/src/operator.ts';
import { type SessionObject, sessions } from '../../operator/src/session/session-resource.ts';
import { readSettings } from '../../operator/src/settings.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';
import { standInEnvironment } from './session-stand-in.ts';

/** A namespace with an operator that looks after it, and what tests of sessions do in it. */
export interface SessionWorld {
  readonly namespace: TestNamespace;
  readonly client: KubeClient;
  readonly startOperator: () => void;
  readonly stopOperator: () => Promise<void>;
  /** Creates a session; with the stand-in as its image unless the spec says otherwise. */
  readonly create: (name: string, spec?: object) => Promise<Live<SessionObject>>;
  readonly patch: (name: string, body: object) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  readonly session: (name: string) => Promise<Live<SessionObject>>;
  /** Waits until Ready has this reason; fails with the status after a while. */
  readonly until: (name: string, reason: string, seconds?: number) => Promise<Condition>;
  readonly untilStatus: (
    name: string,
    is: (status: SessionStatus) => boolean,
    seconds?: number,
  ) => Promise<SessionStatus>;
  readonly pod: (name: string) => Promise<Live<Pod> | undefined>;
  readonly claimUid: (name: string) => Promise<string | undefined>;
  /** Tells the stand-in of a session to do something. */
  readonly tell: (name: string, path: string) => Promise<void>;
  /** Has a session linked and waits for it to be connected. */
  readonly link: (name: string) => Promise<void>;
  readonly read: <T extends KubeObject>(resource: Resource<T>, name: string) => Promise<Live<T> | undefined>;
  readonly dispose: () => Promise<void>;
}

const crdFile = new URL('../../crds/whatsapp-operator.io_whatsappsessions.yaml', import.meta.url);

const crds: Resource<KubeObject> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

export async function createSessionWorld(prefix: string): Promise<SessionWorld> {
  const namespace = await createNamespace(prefix, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const { target, name: own } = namespace;
  const access = kubeConfigAccess(target.kubeConfig);
  const { client, connection } = openClient(access, { name: 'test' });
  await applyCrd(client);
  let operator: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined;

  const read: SessionWorld['read'] = async (resource, name) => {
    try {
      return await client.get(resource, { name, namespace: own });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const session = (name: string) => client.get(sessions, { name, namespace: own });
  const untilStatus: SessionWorld['untilStatus'] = async (name, is, seconds = 90) => {
    let last: SessionStatus | undefined;
    for (
      const deadline = performance.now() + seconds * 1000;
      performance.now() < deadline;
      await sleep(200)
    ) {
      last = (await session(name)).status ?? last;
      if (last !== undefined && is(last)) return last;
    }
    throw new Error(
      `session ${name} is not as expected after ${seconds} s: ${JSON.stringify(last, undefined, 1)}`,
    );
  };
  const world: SessionWorld = {
    namespace,
    client,
    read,
    session,
    untilStatus,
    startOperator: () => {
      const stop = new AbortController();
      const settings = readSettings({
        SESSION_IMAGE: target.image('probe'),
        WATCH_NAMESPACES: own,
        LEADER_ELECTION: 'false',
        HEALTH_PORT: '0',
        MAX_UPDATING: '1',
      });
      operator = { stop, ended: runOperator(settings, access, silentLogger, stop.signal) };
    },
    stopOperator: async () => {
      operator?.stop.abort();
      await operator?.ended;
      operator = undefined;
    },
    create: (name, spec = {}) =>
      client.create(sessions, {
        apiVersion: 'whatsapp-operator.io/v1alpha1',
        kind: 'WhatsAppSession',
        metadata: { name, namespace: own },
        spec: { storage: { size: '64Mi' }, podTemplate: { env: standInEnvironment }, ...spec } as never,
      }),
    patch: async (name, body) => {
      await client.patch(sessions, { name, namespace: own }, { type: 'merge', body });
    },
    remove: (name) => client.delete(sessions, { name, namespace: own }),
    until: async (name, reason, seconds) => {
      const readyOf = ({ conditions }: SessionStatus) => conditions?.find(({ type }) => type === 'Ready');
      const status = await untilStatus(name, (seen) => readyOf(seen)?.reason === reason, seconds);
      const ready = readyOf(status);
      if (ready === undefined) throw new Error('no condition Ready');
      return ready;
    },
    pod: (name) => read(pods, name),
    claimUid: async (name) => (await read(claims, name))?.metadata.uid,
    tell: async (name, path) =>
      await post(namespace, `/api/v1/namespaces/${own}/pods/${name}:8081/proxy${path}`),
    link: async (name) => {
      await world.until(name, 'PairingRequired');
      await world.tell(name, '/become?state=Connected&id=4915@c.us');
      await world.until(name, 'Connected');
    },
    dispose: async () => {
      await world.stopOperator();
      await connection.close();
      await namespace.dispose();
    },
  };
  return world;
}

/** Creates the CRD, or brings it up to date. */
async function applyCrd(client: KubeClient): Promise<void> {
  const crd = parse(await readFile(crdFile, 'utf8')) as KubeObject;
  await client.patch(crds, crd.metadata, { type: 'apply', body: crd });
  for (const deadline = performance.now() + 30_000; ; await sleep(200)) {
    const { status } = (await client.get(crds, crd.metadata)) as {
      status?: { conditions?: readonly Condition[] };
    };
    if (
      status?.conditions?.some(({ type, status }) => (type as string) === 'Established' && status === 'True')
    )
      return;
    if (performance.now() > deadline) throw new Error('the CRD is not established');
  }
}

/** A call through the API server's proxy, which works on any cluster. */
async function post({ target }: TestNamespace, path: string): Promise<void> {
  const options = { method: 'POST', timeout: 15_000 };
  await target.kubeConfig.applyToHTTPSOptions(options);
  const url = `${target.kubeConfig.getCurrentCluster()?.server ?? ''}${path}`;
  const code = await new Promise<number | undefined>((resolve, reject) => {
    const call = request(url, options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    call.on('timeout', () => call.destroy(new Error(`no answer from ${url}`)));
    call.on('error', reject);
    call.end();
  });
  if (code !== 200) throw new Error(`${path}: ${code}`);
}
