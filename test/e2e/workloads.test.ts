import { PassThrough } from 'node:stream';
import { Exec, type KubernetesObject } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  claim,
  createNamespace,
  isReady,
  probePod,
  probePort,
  restartsOf,
  type TestNamespace,
} from './namespace.ts';
import { forwardPort } from './port-forward.ts';
import { callProbe, fetchFrom, whoami } from './probe-client.ts';

let namespace: TestNamespace;

beforeAll(async () => {
  namespace = await createNamespace('workloads');
  await namespace.create(claim('data', '64Mi'));
  await namespace.create(probePod(namespace, 'keeper', { claim: 'data', container: { livenessProbe } }));
  await namespace.create(probePod(namespace, 'caller'));
  await namespace.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'keeper' },
    spec: { selector: { app: 'keeper' }, ports: [{ port: 80, targetPort: 'http' }] },
  } as KubernetesObject);
  await namespace.podWhen('keeper', isReady, 120);
  await namespace.podWhen('caller', isReady);
});

afterAll(async () => await namespace.dispose());

const livenessProbe = {
  httpGet: { path: '/healthz', port: 8080 },
  periodSeconds: 1,
  failureThreshold: 2,
};

describe('a pod of a locally built image', () => {
  it('writes to its claim as an ordinary user', async () => {
    expect((await whoami(namespace, 'keeper')).uid).toBe(10001);
    const written = await callProbe(namespace, 'keeper', 'PUT', '/data/note', 'kept');
    expect(written).toMatchObject({ status: 200, body: { name: 'note', bytes: 4 } });
  });

  it("is reached by its Service's name from another pod", async () => {
    // DNS and the proxy follow the API server, each at its own pace.
    await expect
      .poll(() => fetchFrom(namespace, 'caller', 'http://keeper/data/note'), { timeout: 60_000 })
      .toMatchObject({ status: 200, body: { status: 200, body: 'kept' } });
    const longName = `http://keeper.${namespace.name}.svc.cluster.local/data/note`;
    expect((await fetchFrom(namespace, 'caller', longName)).body).toMatchObject({ body: 'kept' });
  });

  it('runs commands for `kubectl exec` and keeps logs', async () => {
    const stdout = new PassThrough();
    let said = '';
    stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const exec = new Exec(namespace.target.kubeConfig);
    const status = await new Promise((resolve, reject) => {
      exec
        .exec(namespace.name, 'keeper', 'probe', ['cat', '/data/note'], stdout, null, null, false, resolve)
        .catch(reject);
    });
    expect(status).toMatchObject({ status: 'Success' });
    await expect.poll(() => said).toBe('kept');
    expect(await namespace.core.readNamespacedPodLog({ name: 'keeper', namespace: namespace.name })).not.toBe(
      '',
    );
  });

  it('is reached through `kubectl port-forward`', async () => {
    const { port, close } = await forwardPort(namespace, async () => 'keeper', probePort);
    const response = await fetch(`http://127.0.0.1:${port}/data/note`, { headers: { connection: 'close' } });
    expect(await response.text()).toBe('kept');
    await close();
  });

  it('is restarted when its liveness probe fails, and finds its data', async () => {
    const before = await whoami(namespace, 'keeper');
    const restarts = restartsOf(await namespace.pod('keeper'));
    await callProbe(namespace, 'keeper', 'POST', '/fault/unhealthy');
    await namespace.podWhen('keeper', (pod) => restartsOf(pod) > restarts && isReady(pod));
    expect((await whoami(namespace, 'keeper')).bootId).not.toBe(before.bootId);
    expect((await callProbe(namespace, 'keeper', 'GET', '/data/note')).body).toBe('kept');
    const { items } = await namespace.core.listNamespacedEvent({ namespace: namespace.name });
    expect(items.some((event) => event.reason === 'Unhealthy')).toBe(true);
  });

  it('is OOM-killed at its memory limit, and its status says so', async () => {
    const container = { resources: { limits: { memory: '128Mi' } } };
    await namespace.create(probePod(namespace, 'hungry', { container }));
    await namespace.podWhen('hungry', isReady);
    await callProbe(namespace, 'hungry', 'POST', '/fault/allocate?mebibytes=512').catch(() => undefined);
    const killed = await namespace.podWhen('hungry', (pod) => restartsOf(pod) > 0);
    const terminated = killed.status?.containerStatuses?.[0]?.lastState?.terminated;
    expect(terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  it('keeps its claim to itself: a second pod on it stays Pending and says why', async () => {
    await namespace.create(probePod(namespace, 'rival', { claim: 'data' }));
    const pending = await namespace.podWhen('rival', (pod) =>
      (pod.status?.conditions ?? []).some(
        (condition) => condition.message?.includes('ReadWriteOncePod') ?? false,
      ),
    );
    expect(pending.status?.phase).toBe('Pending');
    expect(isReady(await namespace.pod('keeper'))).toBe(true);
    await namespace.remove({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'rival' } });
  });
});
