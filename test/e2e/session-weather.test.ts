import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import { pods, type Resource } from '../../operator/src/kube/resource.ts';
import { kubectl } from '../release/release.ts';
import { budgets } from './budgets.ts';
import { eyesOn } from './session-eyes.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

/** Sessions that change all at once, and sessions in bad weather: what is wrong is told, and mended it is over. */
let world: SessionWorld;
const { conditionOf, untilGone, untilPod, kill, eventsAbout } = eyesOn(() => world);

beforeAll(async () => {
  world = await createSessionWorld('weather');
  world.startOperator();
});
afterAll(async () => await world.dispose());

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
    await Promise.all(names.map((name) => world.link(name)));
    await Promise.all(names.map((name) => world.post.send(name, 2)));
    const before = await uids();
    for (const name of names) await world.patch(name, { spec: { sending: { maxAttempts: 3 } } });
    let fewest: number = names.length;
    let sawWaiting = false;
    for (
      const deadline = performance.now() + 3 * budgets.back * 1000;
      performance.now() < deadline;
      await sleep(150)
    ) {
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
    await Promise.all(names.map((name) => world.post.send(name)));
    await Promise.all(names.map((name) => world.isWhole(name)));
  }, 600_000);

  it('gets back what is evicted from a node, and counts no restart', async () => {
    const [before] = await uids();
    const metadata = { name: 'one', namespace: world.namespace.name };
    await world.namespace.core.createNamespacedPodEviction({ ...metadata, body: { metadata } });
    await untilPod('one', before);
    await world.until('one', 'Connected', budgets.back);
    expect((await world.session('one')).status?.restarts).toMatchObject({ count: 0 });
    await world.post.send('one');
    await world.isWhole('one');
    world.wasAlone();
    for (const name of names) await world.remove(name);
  });
});

/** The one fault that the image does not produce on demand: its own program takes memory until it is killed for it. */
const leak = `--import=data:text/javascript,${encodeURIComponent(
  'const kept = []; setInterval(() => kept.push(Buffer.alloc(2 ** 24, 1)), 20);',
)}`;

/** Ends the program of a session from within its container, as a fault of its own would. */
const crash = async (name: string) =>
  await kubectl(world.namespace.target.commands, [
    ...['exec', '-n', world.namespace.name, name, '--', 'sh', '-c'],
    'for p in /proc/[0-9]*; do grep -qs ^node "$p/cmdline" && kill -9 "$(basename "$p")"; done; true',
  ]);

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
    await world.until('taken', 'PairingRequired', budgets.pairing);
  });

  it('is stopped when it restarts too often, and begins again when told to', async () => {
    await world.create('crashing', { restarts: { limit: 1, window: '1h' } });
    await world.until('crashing', 'PairingRequired', budgets.pairing);
    await crash('crashing');
    await world.untilStatus('crashing', ({ restarts }) => restarts?.count === 1);
    await world.until('crashing', 'PairingRequired', budgets.pairing);
    await crash('crashing');
    const ready = await world.until('crashing', 'RestartLimitExceeded', budgets.told);
    expect(ready.message).toMatch(/2 restarts within 1h, 1 are allowed; the last one: Killed/);
    await untilGone(pods as Resource<KubeObject>, 'crashing');
    expect((await world.session('crashing')).status?.phase).toBe('Failed');
    expect(
      (await eventsAbout('crashing')).filter(({ reason }) => reason === 'RestartLimitExceeded'),
    ).toHaveLength(1);
    await world.patch('crashing', {
      metadata: { annotations: { 'whatsapp-operator.io/restart-at': 'now' } },
    });
    await world.until('crashing', 'PairingRequired', budgets.pairing);
    expect((await world.session('crashing')).status?.restarts).toMatchObject({ count: 0 });
  });

  it('says that its image is missing, and takes another one without waiting for a turn', async () => {
    await world.create('imageless', { image: 'localhost/no/such:image' });
    expect((await world.until('imageless', 'ImageUnavailable')).message).toContain('Look at spec.image');
    await world.patch('imageless', { spec: { image: null } });
    await world.until('imageless', 'PairingRequired', budgets.pairing);
  });

  it.each([
    ['keyless', 'a key', { apiKeySecretRef: { name: 'nowhere', key: 'key' } }],
    ['proxyless', 'a proxy', { proxy: { secretRef: { name: 'nowhere', key: 'url' } } }],
  ])('%s says that the Secret of %s is missing', async (name, _what, spec) => {
    await world.create(name, spec);
    expect((await world.until(name, 'SecretMissing', budgets.pairing)).message).toContain(
      'secret "nowhere" not found',
    );
    await world.remove(name);
  });

  it('says that its memory is too small', async () => {
    await world.create('forgetful', {
      resources: { requests: { memory: '128Mi' }, limits: { memory: '256Mi' } },
      podTemplate: { env: [{ name: 'NODE_OPTIONS', value: leak }] },
    });
    const ready = await world.until('forgetful', 'OutOfMemory', budgets.pairing);
    expect(ready.message).toContain('spec.resources.limits.memory');
    await world.remove('forgetful');
  });

  it('says that its pod breaks the Pod Security Standard of the namespace', async () => {
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/session': 'unconfined' };
    await world.create('lax', { podTemplate: { annotations } });
    const ready = await world.until('lax', 'PodSecurityRefused', budgets.told);
    expect(ready.message).toContain('violates PodSecurity');
    await world.patch('lax', { spec: { podTemplate: null } });
    await world.until('lax', 'PairingRequired', budgets.pairing);
    await world.remove('lax');
  });

  it('says that no node takes it', async () => {
    await world.create('homeless', {
      podTemplate: { nodeSelector: { no: 'such' } },
    });
    expect((await world.until('homeless', 'Unschedulable')).message).toContain('no node takes the pod');
    await world.remove('homeless');
  });

  it('says that its volume cannot be had', async () => {
    await world.create('diskless', { storage: { size: '256Mi', storageClassName: 'no-such-class' } });
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
    const ref = { name: 'few', namespace: world.namespace.name };
    await world.client.create(quota, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: ref,
      // None at all: pods of earlier sessions are still ending, and would make room.
      spec: { hard: { pods: '0' } },
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
    await world.until('poor', 'PairingRequired', budgets.pairing);
  });
});
