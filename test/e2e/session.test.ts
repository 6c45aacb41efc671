import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import {
  claims,
  networkPolicies,
  pods,
  type Resource,
  secrets,
  services,
} from '../../operator/src/kube/resource.ts';
import { budgets, outages } from './budgets.ts';
import { eyesOn } from './session-eyes.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

/**
 * The life of one session on a real cluster, with the real image on a simulated WhatsApp: what the operator makes of it,
 * and of what happens to it. Messages are sent all along, and after each disruption every one has arrived once, under the
 * same account, from the same claim.
 */
let world: SessionWorld;
const { conditionOf, untilGone, untilPod, kill, eventsAbout } = eyesOn(() => world);

beforeAll(async () => {
  world = await createSessionWorld('sessions');
  world.startOperator();
});
afterAll(async () => await world.dispose());

describe('a session', () => {
  it('gets pod, claim, Service, key and policy under the restricted standard, and says what to do next', async () => {
    await world.create('sales');
    const ready = await world.until('sales', 'PairingRequired', budgets.pairing);
    expect(ready.message).toContain(`kubectl was qr sales -n ${world.namespace.name}`);
    for (const resource of [pods, claims, services, networkPolicies])
      expect(await world.read(resource as Resource<KubeObject>, 'sales'), resource.kind).toBeDefined();
    expect(await world.read(secrets, 'sales-api-key')).toMatchObject({
      data: { 'api-key': expect.any(String) },
    });
  });

  it('is Ready once it is linked, and its status tells what the pod told', async () => {
    await world.link('sales');
    const { status = {} } = await world.session('sales');
    expect(status).toMatchObject({
      phase: 'Connected',
      account: { id: `${world.post.numberOf('sales')}@c.us`, name: expect.any(String) },
      podName: 'sales',
      endpoint: `http://sales.${world.namespace.name}.svc:3000`,
      versions: { engine: expect.any(String), browser: expect.any(String), whatsappWeb: expect.any(String) },
      connectedSince: expect.any(String),
    });
    expect(status.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Ready=True',
      'PodScheduled=True',
      'StorageReady=True',
      'Paired=True',
      'Connected=True',
    ]);
    await world.post.send('sales', 3);
    await world.isWhole('sales');
  });

  it('is not written to while nothing happens, nor by an operator that starts anew', async () => {
    const versions = async () => ({
      session: (await world.session('sales')).metadata.resourceVersion,
      service: (await world.read(services, 'sales'))?.metadata.resourceVersion,
      policy: (await world.read(networkPolicies, 'sales'))?.metadata.resourceVersion,
      pod: (await world.pod('sales'))?.metadata.uid,
    });
    await sleep(outages.quiet * 1000);
    const before = await versions();
    await world.stopOperator();
    world.startOperator();
    await sleep(outages.quiet * 2000);
    expect(await versions()).toEqual(before);
  });

  it('is told as disconnected and back, and sends then what it accepted meanwhile', async () => {
    const account = world.post.numberOf('sales');
    const { client } = world.sandbox;
    const refused = await client.call('addFault', { body: { account, fault: { kind: 'refuse-socket' } } });
    await client.call('addFault', { body: { account, fault: { kind: 'drop-socket' } } });
    expect((await world.until('sales', 'Disconnected', budgets.told)).status).toBe('False');
    expect((await world.session('sales')).status).toMatchObject({
      phase: 'Disconnected',
      account: { id: `${account}@c.us` },
    });
    await world.post.send('sales', 2);
    if (refused !== null) await client.call('clearFault', { params: { id: refused.id } });
    await world.until('sales', 'Connected', budgets.back);
    await world.isWhole('sales');
  });

  it('comes back with its account when its pod is killed', async () => {
    const pod = await world.pod('sales');
    await world.post.send('sales', 2);
    await kill('sales');
    await untilPod('sales', pod?.metadata.uid);
    await world.post.send('sales', 1);
    await world.until('sales', 'Connected', budgets.back);
    await world.isWhole('sales');
  });

  it('comes back when its pod is killed while no operator runs', async () => {
    const pod = await world.pod('sales');
    await world.stopOperator();
    await kill('sales');
    await untilGone(pods as Resource<KubeObject>, 'sales');
    world.startOperator();
    await untilPod('sales', pod?.metadata.uid);
    await world.until('sales', 'Connected', budgets.back);
    await world.post.send('sales');
    await world.isWhole('sales');
  });

  it('is suspended and goes on without a new scan', async () => {
    await world.post.send('sales');
    await world.patch('sales', { spec: { operatingMode: 'Suspended' } });
    await world.until('sales', 'Suspended');
    await untilGone(pods as Resource<KubeObject>, 'sales');
    expect((await world.session('sales')).status).toMatchObject({
      phase: 'Suspended',
      account: { id: `${world.post.numberOf('sales')}@c.us` },
    });
    await world.patch('sales', { spec: { operatingMode: 'Running' } });
    await world.until('sales', 'Connected', budgets.back);
    expect(await conditionOf('sales', 'Suspended')).toBeUndefined();
    await world.isWhole('sales');
  });

  it('is restarted once when that is asked for', async () => {
    const before = (await world.pod('sales'))?.metadata.uid;
    await world.patch('sales', { metadata: { annotations: { 'whatsapp-operator.io/restart-at': 'now' } } });
    await untilPod('sales', before);
    await world.until('sales', 'Connected', budgets.back);
    const after = (await world.pod('sales'))?.metadata.uid;
    await sleep(outages.quiet * 1000);
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
    await sleep(outages.quiet * 1000);
    expect(await world.pod('sales')).toBeUndefined();
    await world.patch('sales', { metadata: { annotations: { [annotation]: null } } });
    await world.until('sales', 'Connected', budgets.back);
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
    await world.until('sales', 'Connected', budgets.back);
    expect((await world.pod('sales'))?.spec.containers[0]?.resources?.limits).toMatchObject({
      memory: '1200Mi',
    });
    await world.post.send('sales');
    await world.isWhole('sales');
  });

  it('leaves its claim and key behind when it is deleted, and finds both again', async () => {
    const claim = await world.claimUid('sales');
    const key = (await world.read(secrets, 'sales-api-key'))?.metadata.uid;
    await world.remove('sales');
    await untilGone(pods as Resource<KubeObject>, 'sales');
    await untilGone(services as Resource<KubeObject>, 'sales');
    expect(await world.claimUid('sales')).toBe(claim);
    await world.create('sales');
    await world.until('sales', 'Connected', budgets.back);
    expect((await world.read(secrets, 'sales-api-key'))?.metadata.uid).toBe(key);
    await world.post.send('sales');
    await world.isWhole('sales');
  });

  it('deleted and created again at once waits for its predecessor', async () => {
    const before = (await world.pod('sales'))?.metadata.uid;
    await world.remove('sales');
    await world.create('sales');
    await untilPod('sales', before);
    await world.until('sales', 'Connected', budgets.back);
    await world.isWhole('sales');
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
    world.wasAlone();
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
