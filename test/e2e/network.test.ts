import type { KubernetesObject, V1NetworkPolicy } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNamespace, isReady, probePod, type TestNamespace } from './namespace.ts';
import { fetchFrom } from './probe-client.ts';

let namespace: TestNamespace;
let address: string;

beforeAll(async () => {
  namespace = await createNamespace('network');
  for (const name of ['server', 'friend', 'stranger']) await namespace.create(probePod(namespace, name));
  await namespace.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'server' },
    spec: { selector: { app: 'server' }, ports: [{ port: 80, targetPort: 'http' }] },
  } as KubernetesObject);
  const server = await namespace.podWhen('server', isReady);
  await namespace.podWhen('friend', isReady);
  await namespace.podWhen('stranger', isReady);
  address = server.status?.podIP ?? '';
});

afterAll(async () => await namespace.dispose());

// client-node calls the field `from` `_from`, and drops silently what it does not know: hence the typed object.
const onlyFriends: V1NetworkPolicy & KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'only-friends' },
  spec: {
    podSelector: { matchLabels: { app: 'server' } },
    policyTypes: ['Ingress'],
    ingress: [{ _from: [{ podSelector: { matchLabels: { app: 'friend' } } }] }],
  },
};

/** Rules and names follow the API server, each at its own pace. */
const patience = { timeout: 60_000 };

const statusFrom = async (pod: string, url: string): Promise<number> =>
  (await fetchFrom(namespace, pod, url)).status;

describe('the network of pods', () => {
  it('lets every pod reach every other without a policy', async () => {
    expect(await statusFrom('stranger', `http://${address}:8080/whoami`)).toBe(200);
    await expect.poll(() => statusFrom('stranger', 'http://server/whoami'), patience).toBe(200);
  });

  it('enforces a NetworkPolicy, on the pod and behind its Service, until it is removed', async () => {
    await namespace.create(onlyFriends);
    await expect.poll(() => statusFrom('stranger', `http://${address}:8080/whoami`), patience).not.toBe(200);
    expect(await statusFrom('stranger', 'http://server/whoami')).not.toBe(200);
    expect(await statusFrom('friend', `http://${address}:8080/whoami`)).toBe(200);
    expect(await statusFrom('friend', 'http://server/whoami')).toBe(200);
    expect(isReady(await namespace.pod('server'))).toBe(true);
    await namespace.remove(onlyFriends);
    await expect.poll(() => statusFrom('stranger', 'http://server/whoami'), patience).toBe(200);
  });
});

describe('the world outside the local cluster', () => {
  it('does not exist: names do not resolve, and that is said at once', async ({ skip }) => {
    skip(namespace.target.local === undefined, 'an existing cluster may well reach the outside');
    const began = performance.now();
    expect(await statusFrom('friend', 'http://web.whatsapp.com/')).not.toBe(200);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
