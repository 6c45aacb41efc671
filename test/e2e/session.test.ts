import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import {
  claims,
  events,
  networkPolicies,
  pods,
  type Resource,
  secrets,
  services,
} from '../../operator/src/kube/resource.ts';
import { standInEnvironment } from './session-stand-in.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

/**
 * Sessions on a real cluster: what the operator makes of them, and of what happens to them. The session image is a
 * stand-in (session-stand-in.ts); the operator runs in this process and asks pods by their addresses.
 */
let world: SessionWorld;

beforeAll(async () => {
  world = await createSessionWorld('sessions');
  world.startOperator();
});
afterAll(async () => await world.dispose());

const conditionOf = async (name: string, type: string) =>
  (await world.session(name)).status?.conditions?.find((condition) => condition.type === type);

const untilGone = async (resource: Resource<KubeObject>, name: string, seconds = 90) =>
  await expect
    .poll(() => world.read(resource, name), { timeout: seconds * 1000, interval: 300 })
    .toBeUndefined();

const untilPod = async (name: string, otherThan: string | undefined) =>
  await expect
    .poll(async () => ((await world.pod(name))?.metadata.uid ?? otherThan) !== otherThan, {
      timeout: 90_000,
      interval: 300,
    })
    .toBe(true);

/** Ends a pod at once, as a node that dies does. */
const kill = async (name: string) =>
  await world.client.delete(pods, { name, namespace: world.namespace.name }, { gracePeriodSeconds: 0 });

const eventsAbout = async (name: string) => {
  const { items } = await world.client.list(events, { namespace: world.namespace.name });
  return items.filter(({ regarding }) => regarding?.kind === 'WhatsAppSession' && regarding.name === name);
};

describe('a session', () => {
  it('gets pod, claim, Service, key and policy under the restricted standard, and says what to do next', async () => {
    await world.create('sales');
    const ready = await world.until('sales', 'PairingRequired');
    expect(ready.message).toContain(`kubectl was qr sales -n ${world.namespace.name}`);
    for (const resource of [pods, claims, services, networkPolicies])
      expect(await world.read(resource as Resource<KubeObject>, 'sales'), resource.kind).toBeDefined();
    expect(await world.read(secrets, 'sales-api-key')).toMatchObject({
      data: { 'api-key': expect.any(String) },
    });
  });

  it('is Ready once it is linked, and its status tells what the pod told', async () => {
    await world.link('sales');
    const { status } = await world.session('sales');
    expect(status).toMatchObject({
      phase: 'Connected',
      account: { id: '4915@c.us', name: 'Stand-in' },
      podName: 'sales',
      endpoint: `http://sales.${world.namespace.name}.svc:3000`,
      versions: { engine: 'stand-in 1' },
      connectedSince: expect.any(String),
    });
    expect(status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Ready=True',
      'PodScheduled=True',
      'StorageReady=True',
      'Paired=True',
      'Connected=True',
    ]);
  });

  it('is not written to while nothing happens, nor by an operator that starts anew', async () => {
    const versions = async () => ({
      session: (await world.session('sales')).metadata.resourceVersion,
      service: (await world.read(services, 'sales'))?.metadata.resourceVersion,
      policy: (await world.read(networkPolicies, 'sales'))?.metadata.resourceVersion,
      pod: (await world.pod('sales'))?.metadata.uid,
    });
    await sleep(3000);
    const before = await versions();
    await world.stopOperator();
    world.startOperator();
    await sleep(6000);
    expect(await versions()).toEqual(before);
  });

  it('is told as disconnected and back within seconds', async () => {
    await world.tell('sales', '/become?state=Disconnected');
    expect((await world.until('sales', 'Disconnected')).status).toBe('False');
    expect((await world.session('sales')).status).toMatchObject({
      phase: 'Disconnected',
      account: { id: '4915@c.us' },
    });
    await world.tell('sales', '/become?state=Connected');
    await world.until('sales', 'Connected');
  });

  it('comes back with its account when its pod is killed', async () => {
    const [claim, pod] = [await world.claimUid('sales'), await world.pod('sales')];
    await kill('sales');
    await untilPod('sales', pod?.metadata.uid);
    await world.until('sales', 'Connected');
    expect(await world.claimUid('sales')).toBe(claim);
  });

  it('comes back when its pod is killed while no operator runs', async () => {
    const pod = await world.pod('sales');
    await world.stopOperator();
    await kill('sales');
    await untilGone(pods as Resource<KubeObject>, 'sales');
    world.startOperator();
    await untilPod('sales', pod?.metadata.uid);
    await world.until('sales', 'Connected');
  });

  it('is suspended and goes on without a new scan', async () => {
    const claim = await world.claimUid('sales');
    await world.patch('sales', { spec: { operatingMode: 'Suspended' } });
    await world.until('sales', 'Suspended');
    await untilGone(pods as Resource<KubeObject>, 'sales');
    expect((await world.session('sales')).status).toMatchObject({
      phase: 'Suspended',
      account: { id: '4915@c.us' },
    });
    await world.patch('sales', { spec: { operatingMode: 'Running' } });
    await world.until('sales', 'Connected');
    expect(await conditionOf('sales', 'Suspended')).toBeUndefined();
    expect(await world.claimUid('sales')).toBe(claim);
  });

  it('is restarted once when that is asked for', async () => {
    const before = (await world.pod('sales'))?.metadata.uid;
    await world.patch('sales', { metadata: { annotations: { 'whatsapp-operator.io/restart-at': 'now' } } });
    await untilPod('sales', before);
    await world.until('sales', 'Connected');
    const after = (await world.pod('sales'))?.metadata.uid;
    await sleep(3000);
    expect((await world.pod('sales'))?.metadata.uid).toBe(after);
    expect(await conditionOf('sales', 'Updating')).toBeUndefined();
  });

  it('is left alone while it is paused', async () => {
    const annotation = 'whatsapp-operator.io/paused';
    await world.patch('sales', { metadata: { annotations: { [annotation]: 'true' } } });
    await world.untilStatus(
      'sales',
      ({ conditions }) => conditions?.some(({ type }) => type === 'Paused') ?? false,
    );
    await kill('sales');
    await world.until('sales', 'Paused');
    await sleep(2000);
    expect(await world.pod('sales')).toBeUndefined();
    await world.patch('sales', { metadata: { annotations: { [annotation]: null } } });
    await world.until('sales', 'Connected');
  });

  it('has its Service mended when somebody changes it', async () => {
    const ref = { name: 'sales', namespace: world.namespace.name };
    await world.client.patch(services, ref, {
      type: 'merge',
      body: { spec: { publishNotReadyAddresses: false } },
    });
    await expect
      .poll(async () => (await world.read(services, 'sales'))?.spec.publishNotReadyAddresses, {
        timeout: 20_000,
      })
      .toBe(true);
  });

  it('goes on under a template that the API server refuses, and says so', async () => {
    const before = (await world.pod('sales'))?.metadata.uid;
    await world.patch('sales', {
      spec: {
        podTemplate: {
          affinity: {
            nodeAffinity: {
              nonsense: 'x',
              requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
            },
          },
        },
      },
    });
    await world.untilStatus(
      'sales',
      ({ conditions }) =>
        conditions?.some(({ type, reason }) => type === 'Updating' && reason === 'SuccessorRefused') ?? false,
    );
    expect((await world.pod('sales'))?.metadata.uid).toBe(before);
    expect((await conditionOf('sales', 'Ready'))?.status).toBe('True');
    await world.patch('sales', { spec: { podTemplate: { affinity: null } } });
    await world.untilStatus(
      'sales',
      ({ conditions }) => !conditions?.some(({ type }) => type === 'Updating'),
    );
    expect((await world.pod('sales'))?.metadata.uid).toBe(before);
  });

  it('is replaced when its template changes', async () => {
    const before = (await world.pod('sales'))?.metadata.uid;
    await world.patch('sales', { spec: { resources: { limits: { memory: '1200Mi' } } } });
    await untilPod('sales', before);
    await world.until('sales', 'Connected');
    expect((await world.pod('sales'))?.spec.containers[0]?.resources?.limits).toMatchObject({
      memory: '1200Mi',
    });
  });

  it('leaves its claim and key behind when it is deleted, and finds both again', async () => {
    const [claim, key] = [
      await world.claimUid('sales'),
      (await world.read(secrets, 'sales-api-key'))?.metadata.uid,
    ];
    await world.remove('sales');
    await untilGone(pods as Resource<KubeObject>, 'sales');
    await untilGone(services as Resource<KubeObject>, 'sales');
    expect(await world.claimUid('sales')).toBe(claim);
    await world.create('sales');
    await world.until('sales', 'Connected');
    expect(await world.claimUid('sales')).toBe(claim);
    expect((await world.read(secrets, 'sales-api-key'))?.metadata.uid).toBe(key);
  });

  it('deleted and created again at once waits for its predecessor', async () => {
    const before = (await world.pod('sales'))?.metadata.uid;
    await world.remove('sales');
    await world.create('sales');
    await untilPod('sales', before);
    await world.until('sales', 'Connected');
  });

  it('takes its claim along with Delete', async () => {
    await world.patch('sales', { spec: { storage: { retentionPolicy: 'Delete' } } });
    await expect
      .poll(async () => (await world.read(claims, 'sales'))?.metadata.ownerReferences?.length, {
        timeout: 20_000,
      })
      .toBe(1);
    await world.remove('sales');
    await untilGone(claims as Resource<KubeObject>, 'sales');
  });

  it('tells transitions by Events, each once', async () => {
    const reasons = (await eventsAbout('sales')).map(({ reason }) => reason);
    for (const reason of [
      'PairingRequired',
      'Connected',
      'Disconnected',
      'Suspended',
      'ReplacingPod',
      'SuccessorRefused',
    ])
      expect(reasons).toContain(reason);
  });
});

describe('a fleet', () => {
  const names = ['one', 'two', 'three'] as const;
  const uids = async () =>
    await Promise.all(names.map(async (name) => (await world.pod(name))?.metadata.uid));
  const readyOnes = async () => {
    const found = await Promise.all(names.map((name) => conditionOf(name, 'Ready')));
    return found.filter((ready) => ready?.status === 'True').length;
  };

  it('is replaced one after the other when all of it changes at once', async () => {
    for (const name of names) await world.create(name);
    for (const name of names) await world.link(name);
    const before = await uids();
    for (const name of names) await world.patch(name, { spec: { sending: { maxAttempts: 3 } } });
    let fewest: number = names.length;
    let sawWaiting = false;
    for (const deadline = performance.now() + 150_000; performance.now() < deadline; await sleep(150)) {
      fewest = Math.min(fewest, await readyOnes());
      const updating = await Promise.all(names.map((name) => conditionOf(name, 'Updating')));
      sawWaiting ||= updating.some((condition) => condition?.reason === 'WaitingForTurn');
      const now = await uids();
      const replaced = now.every((uid, index) => uid !== undefined && uid !== before[index]);
      if (replaced && updating.every((condition) => condition === undefined)) break;
    }
    expect((await uids()).filter((uid, index) => uid === before[index])).toEqual([]);
    expect(await readyOnes()).toBe(names.length);
    expect(fewest).toBe(names.length - 1);
    expect(sawWaiting).toBe(true);
  });

  it('gets back what is evicted from a node, and counts no restart', async () => {
    const [before] = await uids();
    const metadata = { name: 'one', namespace: world.namespace.name };
    await world.namespace.core.createNamespacedPodEviction({ ...metadata, body: { metadata } });
    await untilPod('one', before);
    await world.until('one', 'Connected');
    expect((await world.session('one')).status?.restarts).toMatchObject({ count: 0 });
    for (const name of names) await world.remove(name);
  });
});

describe('in bad weather a session', () => {
  it('leaves a pod of its name alone that is not its own, and goes on when that is gone', async () => {
    const stranger = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'taken', namespace: world.namespace.name },
      spec: {
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 10001,
          seccompProfile: { type: 'RuntimeDefault' as const },
        },
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'c',
            image: world.namespace.target.image('probe'),
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    };
    const { metadata } = await world.client.create(pods, stranger);
    await world.create('taken');
    expect((await world.until('taken', 'NameTaken')).message).toContain('the Pod taken is not this session');
    expect((await world.pod('taken'))?.metadata.uid).toBe(metadata.uid);
    await kill('taken');
    await world.until('taken', 'PairingRequired', 120);
  });

  it('is stopped when it restarts too often, and begins again when told to', async () => {
    await world.create('crashing', { restarts: { limit: 1, window: '1h' } });
    await world.until('crashing', 'PairingRequired');
    await world.tell('crashing', '/exit?code=3');
    await world.untilStatus('crashing', ({ restarts }) => restarts?.count === 1);
    await world.until('crashing', 'PairingRequired');
    await world.tell('crashing', '/exit?code=3');
    const ready = await world.until('crashing', 'RestartLimitExceeded', 120);
    expect(ready.message).toMatch(/2 restarts within 1h, 1 are allowed; the last one: Crashed/);
    await untilGone(pods as Resource<KubeObject>, 'crashing');
    expect((await world.session('crashing')).status?.phase).toBe('Failed');
    expect(
      (await eventsAbout('crashing')).filter(({ reason }) => reason === 'RestartLimitExceeded'),
    ).toHaveLength(1);
    await world.patch('crashing', {
      metadata: { annotations: { 'whatsapp-operator.io/restart-at': 'now' } },
    });
    await world.until('crashing', 'PairingRequired');
    expect((await world.session('crashing')).status?.restarts).toMatchObject({ count: 0 });
  });

  it('says that its image is missing, and takes another one without waiting for a turn', async () => {
    await world.create('imageless', { image: 'localhost/no/such:image' });
    expect((await world.until('imageless', 'ImageUnavailable')).message).toContain('Look at spec.image');
    await world.patch('imageless', { spec: { image: null } });
    await world.until('imageless', 'PairingRequired');
  });

  it.each([
    ['keyless', 'a key', { apiKeySecretRef: { name: 'nowhere', key: 'key' } }],
    ['proxyless', 'a proxy', { proxy: { secretRef: { name: 'nowhere', key: 'url' } } }],
  ])('%s says that the Secret of %s is missing', async (name, _what, spec) => {
    await world.create(name, spec);
    expect((await world.until(name, 'SecretMissing', 120)).message).toContain('secret "nowhere" not found');
    await world.remove(name);
  });

  it('says that no node takes it', async () => {
    await world.create('homeless', {
      podTemplate: { nodeSelector: { no: 'such' }, env: standInEnvironment },
    });
    expect((await world.until('homeless', 'Unschedulable')).message).toContain('no node takes the pod');
    await world.remove('homeless');
  });

  it('says that its volume cannot be had', async () => {
    await world.create('diskless', { storage: { size: '64Mi', storageClassName: 'no-such-class' } });
    await world.until('diskless', 'StorageNotReady');
    const status = await world.untilStatus(
      'diskless',
      ({ conditions }) => conditions?.some(({ message }) => message.includes('no-such-class')) ?? false,
    );
    expect(status.phase).toBe('Pending');
    await world.remove('diskless');
  });

  it('says that the quota is used up, and goes on when it is raised', async () => {
    const quota = {
      group: '',
      version: 'v1',
      plural: 'resourcequotas',
      kind: 'ResourceQuota',
      namespaced: true,
    } as const;
    const used = (await world.client.list(pods, { namespace: world.namespace.name })).items.length;
    const ref = { name: 'few', namespace: world.namespace.name };
    await world.client.create(quota, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: ref,
      spec: { hard: { pods: String(used) } },
    } as KubeObject);
    await expect
      .poll(
        async () => ((await world.client.get(quota, ref)) as { status?: { used?: object } }).status?.used,
        { timeout: 20_000 },
      )
      .toBeDefined();
    await world.create('poor');
    expect((await world.until('poor', 'QuotaExceeded')).message).toContain('exceeded quota: few');
    await world.client.delete(quota, ref);
    await world.until('poor', 'PairingRequired', 120);
  });
});
