import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../operator/src/kube/client.ts';
import { createConnection } from '../../operator/src/kube/connection.ts';
import { inClusterAccess } from '../../operator/src/kube/credentials.ts';
import { type ApiError, isAlreadyExists, isConflict, isNotFound } from '../../operator/src/kube/errors.ts';
import { EventRecorder } from '../../operator/src/kube/events.ts';
import { silentLogger } from '../../operator/src/kube/logger.ts';
import type { Pod } from '../../operator/src/kube/pod.ts';
import { events, pods } from '../../operator/src/kube/resource.ts';
import { testMetrics } from '../../operator/src/kube/testing/objects.ts';
import { createTransport } from '../../operator/src/kube/transport.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';
import {
  configMap,
  configMaps,
  inParallel,
  namespaces,
  openWorld,
  stateOf,
  type World,
} from './runtime/world.ts';

let namespace: TestNamespace;
let world: World;
let name: string;

beforeAll(async () => {
  namespace = await createNamespace('runtime');
  name = namespace.name;
  world = await openWorld();
});

afterAll(async () => {
  await world.close();
  await namespace.dispose();
});

const errorOf = (promise: Promise<unknown>): Promise<ApiError> =>
  promise.then(
    () => expect.unreachable() as never,
    (error: unknown) => error as ApiError,
  );

/** A pod that no node will take: nobody but the test writes to it. */
const unschedulable = (podName: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: podName, namespace: name },
  spec: { containers: [{ name: 'c', image: 'none' }], nodeSelector: { nowhere: 'yes' } },
});

describe('requests to the real API server', () => {
  it('refuse a write on top of a version that is old', async () => {
    const { client } = world;
    const first = await client.create(configMaps, configMap(name, 'locked', { a: '1' }));
    await client.replace(configMaps, { ...first, data: { a: '2' } });
    const error = await errorOf(client.replace(configMaps, { ...first, data: { a: '3' } }));
    expect(isConflict(error)).toBe(true);
    expect(error).toMatchObject({ class: 'conflict', reason: 'Conflict' });
    expect((await client.get(configMaps, first.metadata)).data).toEqual({ a: '2' });
  });

  it('tell a name that is taken from a version that is old', async () => {
    await world.client.create(configMaps, configMap(name, 'taken'));
    const error = await errorOf(world.client.create(configMaps, configMap(name, 'taken')));
    expect(isAlreadyExists(error)).toBe(true);
    expect(isConflict(error)).toBe(false);
    expect(error.details?.name).toBe('taken');
  });

  it('delete only the object that is meant', async () => {
    const { client } = world;
    const first = await client.create(configMaps, configMap(name, 'twice'));
    const ref = { name: 'twice', namespace: name };
    await client.delete(configMaps, ref, { uid: first.metadata.uid });
    const second = await client.create(configMaps, configMap(name, 'twice'));
    expect(isConflict(await errorOf(client.delete(configMaps, ref, { uid: first.metadata.uid })))).toBe(true);
    const { uid } = second.metadata;
    const old = { uid, resourceVersion: '1' };
    expect(isConflict(await errorOf(client.delete(configMaps, ref, old)))).toBe(true);
    expect((await client.get(configMaps, ref)).metadata.uid).toBe(uid);
    await client.delete(configMaps, ref, { uid });
    expect(isNotFound(await errorOf(client.get(configMaps, ref)))).toBe(true);
  });

  it('patch in all three ways', async () => {
    const { client } = world;
    const ref = { name: 'patched', namespace: name };
    const applied = configMap(name, 'patched', { a: '1', b: '1' });
    await client.patch(configMaps, ref, { type: 'apply', body: applied });
    await client.patch(configMaps, ref, { type: 'merge', body: { data: { a: null, c: '1' } } });
    const operations = [
      { op: 'test', path: '/data/b', value: '1' },
      { op: 'replace', path: '/data/b', value: '2' },
    ] as const;
    const { data } = await client.patch(configMaps, ref, { type: 'json', operations });
    expect(data).toEqual({ b: '2', c: '1' });
    // The same test does not hold any more.
    expect(await errorOf(client.patch(configMaps, ref, { type: 'json', operations }))).toMatchObject({
      code: 422,
    });
  });

  it('patch a status in all three ways, and nothing but the status', async () => {
    const { client } = world;
    await client.create(pods, unschedulable('status'));
    const ref = { name: 'status', namespace: name };
    const options = { subresource: 'status' } as const;
    const body = { spec: { activeDeadlineSeconds: 60 }, status: { message: 'merged' } };
    const merged = await client.patch(pods, ref, { type: 'merge', body }, options);
    expect(merged.status?.message).toBe('merged');
    expect(merged.spec).not.toHaveProperty('activeDeadlineSeconds');
    const operations = [{ op: 'replace', path: '/status/message', value: 'json' }] as const;
    expect((await client.patch(pods, ref, { type: 'json', operations }, options)).status?.message).toBe(
      'json',
    );
    const whole = { ...unschedulable('status'), status: { message: 'applied' } };
    const applied = await client.patch(pods, ref, { type: 'apply', body: whole }, options);
    expect(applied.status?.message).toBe('applied');
    await client.delete(pods, ref, { gracePeriodSeconds: 0 });
  });

  it('say which field was refused', async () => {
    const bad = unschedulable('bad');
    const error = await errorOf(
      world.client.create(pods, { ...bad, spec: { containers: [{ name: 'UPPER' }] } }),
    );
    expect(error).toMatchObject({ code: 422, class: 'terminal', reason: 'Invalid' });
    expect(error.details?.causes?.map(({ field }) => field)).toContain('spec.containers[0].name');
  });

  it('need few connections, however many they are', async () => {
    const follower = world.follow(name);
    await follower.informer.synced();
    const ref = { name: 'kube-root-ca.crt', namespace: name };
    await inParallel(Array.from({ length: 2000 }), 64, () => world.client.get(configMaps, ref));
    // The pool's limit, and one for the watch.
    expect(world.passage.mostOpen()).toBeLessThanOrEqual(17);
    // All requests of the tests above are in this: hardly any connection was used up.
    expect(world.passage.connections()).toBeLessThanOrEqual(24);
    await follower.stop();
  });
});

describe('a service account', () => {
  it('is let in with its token, and with the next one when the token was replaced', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'service-account-'));
    const { cluster, token, ca } = await serviceAccount();
    await writeFile(join(dir, 'ca.crt'), ca);
    await writeFile(join(dir, 'token'), 'expired');
    const url = new URL(cluster);
    const env = { KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port };
    const connection = createConnection({ access: inClusterAccess(env, dir), refreshMs: 3_600_000 });
    const { metrics } = testMetrics();
    const transport = createTransport({ connection, metrics, userAgent: 'test' });
    const client = createClient(transport, { fieldManager: 'test' });
    const read = () => client.get(namespaces, { name });
    expect(await errorOf(read())).toMatchObject({ code: 401, class: 'retry' });
    await writeFile(join(dir, 'token'), `${token}\n`);
    // Known, but without rights.
    const refused = await errorOf(read());
    expect(refused).toMatchObject({ code: 403, reason: 'Forbidden', class: 'retry' });
    expect(refused.message).toContain(`system:serviceaccount:${name}:default`);
    await transport.close();
    await rm(dir, { recursive: true });
  });
});

async function serviceAccount() {
  const { kubeConfig } = namespace.target;
  const path = `/api/v1/namespaces/${name}/serviceaccounts/default/token`;
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
  const answer = await world.transport.json({
    method: 'POST',
    path,
    body,
    contentType: 'application/json',
    idempotent: false,
  });
  const { token } = (answer as { status: { token: string } }).status;
  const root = await world.client.get(configMaps, { name: 'kube-root-ca.crt', namespace: name });
  return { cluster: kubeConfig.getCurrentCluster()?.server ?? '', token, ca: root.data?.['ca.crt'] ?? '' };
}

describe('events', () => {
  it('are counted by the real API server, and found from their object', async () => {
    const { metrics } = testMetrics();
    const recorder = new EventRecorder({
      client: world.client,
      controller: 'whatsapp-operator.io/test',
      instance: 'test',
      log: silentLogger,
      metrics,
    });
    const object = await world.client.create(configMaps, configMap(name, 'told'));
    const event = { type: 'Warning', reason: 'Tested', action: 'Test', note: 'Told by a test' } as const;
    for (let time = 0; time < 3; time++) {
      recorder.record(object, event);
      await recorder.flush();
    }
    const { items } = await world.client.list(events, { namespace: name, fieldSelector: 'reason=Tested' });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ note: 'Told by a test', regarding: { uid: object.metadata.uid } });
    expect(items[0]?.series?.count).toBe(3);
  });
});

describe('a list of ten thousand', () => {
  it('comes in pages, is complete, and is followed without a gap', async () => {
    const objects = Array.from({ length: 10_000 }, (_, index) => configMap(name, `many-${index}`));
    await inParallel(objects, 16, (object) => world.client.create(configMaps, object));
    const follower = world.follow(name);
    // Changes while the pages come in.
    const busy = inParallel(objects.slice(0, 200), 4, ({ metadata }) =>
      world.client.patch(configMaps, metadata, { type: 'merge', body: { data: { late: 'yes' } } }),
    );
    await follower.informer.synced();
    await busy;
    const first = follower.informer.store;
    await expect
      .poll(() => first.list().filter(({ data }) => data?.['late']).length, { timeout: 30_000 })
      .toBe(200);
    const all = [];
    let continueToken: string | undefined;
    do {
      const selector = 'metadata.name!=kube-root-ca.crt';
      const page = await world.client.list(configMaps, {
        namespace: name,
        limit: 700,
        continueToken,
        fieldSelector: selector,
      });
      all.push(...page.items.map(stateOf));
      continueToken = page.continueToken;
    } while (continueToken !== undefined);
    expect(all.length).toBeGreaterThanOrEqual(10_000);
    expect(new Set(first.list().map(stateOf))).toEqual(new Set(all));
    expect(await world.metrics()).not.toContain('reflector_failures_total{');
    await follower.stop();
  }, 300_000);
});
