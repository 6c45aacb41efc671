import { sessionSpec, type WhatsAppSession } from '@whatsapp-operator/api/resource';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../kube/errors.ts';
import { silentLogger } from '../kube/logger.ts';
import type { KubeObject, Live } from '../kube/objects.ts';
import type { Pod, PodStatus } from '../kube/pod.ts';
import { labels } from './names.ts';
import { Observer } from './observe.ts';
import { createReconciler } from './reconcile.ts';
import { SimulatedCluster } from './testing/cluster.ts';
import { running, settings } from './testing/factories.ts';

/**
 * Random lives of one name: people create, change, suspend, pause and delete; pods run, crash, are evicted, lose their
 * owner; strangers take names; caches lag; rounds are cut off between any two writes; the operator is started anew.
 */
const KEY = 'shop/sales';
const children = ['pods', 'persistentvolumeclaims', 'services', 'networkpolicies'] as const;
const plurals = ['whatsappsessions', ...children] as const;
const start = Date.parse('2026-11-24T12:00:00Z');

class World {
  now = start;
  readonly cluster = new SimulatedCluster(() => this.now);
  readonly foreign = new Set<string>();
  readonly #uidsOfSessions = new Set<string>();
  #generation = 1;
  #reconcile = this.#startOperator();

  #startOperator() {
    const caches = Object.fromEntries(
      (['sessions', 'pods', 'claims', 'services', 'networkPolicies'] as const).map((name, index) => [
        name,
        this.cluster.store(plurals[index] ?? ''),
      ]),
    ) as never;
    const puller = { answer: () => undefined, follow: () => {}, unfollow: () => {} };
    return createReconciler({
      client: this.cluster.client(),
      observer: new Observer(caches, puller, settings.updateTimeoutMs, () => this.now),
      recorder: { record: () => {} },
      metrics: { restarted: () => {} },
      settings,
      now: () => this.now,
      random: () => 0.5,
      log: silentLogger,
    });
  }

  restartOperator(): void {
    this.#reconcile = this.#startOperator();
  }

  get session(): Live<KubeObject> | undefined {
    return this.cluster.get('whatsappsessions', KEY);
  }

  get pod(): Live<Pod> | undefined {
    return this.cluster.get<Pod>('pods', KEY);
  }

  /** One round; cut off before its nth write if that is given. */
  async round(cutAt?: number): Promise<void> {
    let left = cutAt ?? Number.POSITIVE_INFINITY;
    this.cluster.beforeWrite = () => {
      left -= 1;
      if (left < 0) throw new ApiError({ attempted: 'write', code: 'connection' });
    };
    try {
      await this.#reconcile(KEY, { signal: new AbortController().signal, failures: 0 });
    } catch (error) {
      // Conflicts with a cache that lags, and the cut itself: the controller comes again.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  createSession(fields: object): void {
    if (this.session !== undefined) return;
    const created = this.cluster.put('whatsappsessions', {
      apiVersion: 'whatsapp-operator.io/v1alpha1',
      kind: 'WhatsAppSession',
      metadata: { name: 'sales', namespace: 'shop', generation: this.#generation },
      spec: sessionSpec.parse(fields),
    } as KubeObject);
    this.#uidsOfSessions.add(created.metadata.uid);
  }

  changeSpec(fields: object): void {
    const { session } = this;
    if (session === undefined) return;
    this.#generation += 1;
    const { spec } = session as unknown as WhatsAppSession;
    this.cluster.put('whatsappsessions', {
      ...session,
      metadata: { ...session.metadata, generation: this.#generation },
      spec: { ...spec, ...fields },
    } as KubeObject);
  }

  annotate(name: string, value: string | undefined): void {
    const { session } = this;
    if (session === undefined) return;
    const { [name]: _old, ...rest } = session.metadata.annotations ?? {};
    const annotations = value === undefined ? rest : { ...rest, [name]: value };
    this.cluster.put('whatsappsessions', { ...session, metadata: { ...session.metadata, annotations } });
  }

  setPod(change: (pod: Live<Pod>) => Live<Pod>): void {
    const { pod } = this;
    if (pod === undefined || this.foreign.has(pod.metadata.uid)) return;
    this.cluster.put('pods', change(pod));
  }

  crash(): void {
    this.setPod((pod) => {
      const restartCount = (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) + 1;
      const finishedAt = new Date(this.now).toISOString();
      const lastState = { terminated: { exitCode: 1, reason: 'Error', finishedAt } };
      return { ...pod, status: running(false, { restartCount, lastState }) };
    });
  }

  stranger(plural: (typeof children)[number]): void {
    if (this.cluster.get(plural, KEY) !== undefined) return;
    const object = {
      apiVersion: 'v1',
      kind: 'Any',
      metadata: { name: 'sales', namespace: 'shop' },
      spec: {},
    };
    this.foreign.add(this.cluster.put(plural, object).metadata.uid);
  }

  /** What kubelet, scheduler and provisioner do in the end. */
  settle(): void {
    this.cluster.collectGarbage(children, 'whatsappsessions');
    const claim = this.cluster.get('persistentvolumeclaims', KEY);
    if (claim !== undefined && !this.foreign.has(claim.metadata.uid)) {
      const { requests } = (claim as unknown as { spec: { resources: { requests: { storage: string } } } })
        .spec.resources;
      this.cluster.put('persistentvolumeclaims', {
        ...claim,
        status: { phase: 'Bound', capacity: requests },
      } as KubeObject);
    }
    const { pod } = this;
    if (pod === undefined) return;
    if (pod.metadata.deletionTimestamp !== undefined) this.cluster.remove('pods', KEY);
    else if (pod.status?.phase !== 'Failed') {
      const restartCount = pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
      const lastState = pod.status?.containerStatuses?.[0]?.lastState;
      this.setPod((mine) => ({
        ...mine,
        status: running(true, { restartCount, ...(lastState === undefined ? {} : { lastState }) }),
      }));
    }
  }

  catchUp(): void {
    for (const plural of plurals) this.cluster.catchUp(plural);
  }
}

type Deed = (world: World) => Promise<void> | void;

const deeds: Readonly<Record<string, Deed>> = {
  round: (world) => world.round(),
  'round with fresh caches': (world) => {
    world.catchUp();
    return world.round();
  },
  'operator starts anew': (world) => world.restartOperator(),
  create: (world) => world.createSession({}),
  'create with Delete': (world) => world.createSession({ storage: { retentionPolicy: 'Delete' } }),
  delete: (world) => world.cluster.remove('whatsappsessions', KEY),
  'delete and collect': (world) => {
    world.cluster.remove('whatsappsessions', KEY);
    world.cluster.collectGarbage(children, 'whatsappsessions');
  },
  suspend: (world) => world.changeSpec({ operatingMode: 'Suspended' }),
  resume: (world) => world.changeSpec({ operatingMode: 'Running' }),
  'change resources': (world) =>
    world.changeSpec({
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: `${1 + (world.now % 7)}Gi` } },
    }),
  'ask for a restart': (world) => world.annotate('whatsapp-operator.io/restart-at', String(world.now)),
  pause: (world) => world.annotate('whatsapp-operator.io/paused', 'true'),
  unpause: (world) => world.annotate('whatsapp-operator.io/paused', undefined),
  crash: (world) => world.crash(),
  evict: (world) =>
    world.setPod((pod) => ({ ...pod, status: { phase: 'Failed', reason: 'Evicted' } as PodStatus })),
  'pod is deleted': (world) => {
    if (world.pod !== undefined && !world.foreign.has(world.pod.metadata.uid))
      world.cluster.remove('pods', KEY);
  },
  'pod loses its owner': (world) =>
    world.setPod((pod) => ({ ...pod, metadata: { ...pod.metadata, ownerReferences: [] } })),
  'pod loses its labels': (world) =>
    world.setPod((pod) => ({ ...pod, metadata: { ...pod.metadata, labels: {} } })),
  'stranger takes the pod': (world) => world.stranger('pods'),
  'stranger takes the claim': (world) => world.stranger('persistentvolumeclaims'),
  'stranger takes the Service': (world) => world.stranger('services'),
  'world settles': (world) => world.settle(),
  'a minute passes': (world) => {
    world.now += 60_000;
  },
  'caches catch up': (world) => world.catchUp(),
};

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(...Object.keys(deeds))
      .map((name) => ({ name, cutAt: undefined as number | undefined })),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 0, max: 6 })
      .map((cutAt) => ({ name: 'round', cutAt: cutAt as number | undefined })),
  },
);

async function walk(
  steps: readonly { readonly name: string; readonly cutAt: number | undefined }[],
): Promise<World> {
  const world = new World();
  world.createSession({});
  for (const { name, cutAt } of steps) {
    world.now += 1000;
    if (cutAt === undefined) await deeds[name]?.(world);
    else await world.round(cutAt);
  }
  return world;
}

/** Everything that people and machines do is over; the operator goes on. */
async function calmDown(world: World): Promise<void> {
  world.annotate('whatsapp-operator.io/paused', undefined);
  for (let round = 0; round < 12; round += 1) {
    world.now += 360_000;
    world.settle();
    world.catchUp();
    await world.round();
    world.now += 100;
    await world.round();
  }
  world.settle();
  world.catchUp();
}

test('never touches what is not its own, and never a claim', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const world = await walk(steps);
      const touched = world.cluster.writes.filter(({ uid }) => uid !== undefined && world.foreign.has(uid));
      expect(touched).toEqual([]);
      expect(
        world.cluster.writes.filter(({ verb, plural }) => verb === 'delete' && plural !== 'pods'),
      ).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('ends where the session wants to be, and then writes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const world = await walk(steps);
      await calmDown(world);
      const before = world.cluster.writes.length;
      for (let round = 0; round < 3; round += 1) {
        world.now += 1000;
        await world.round();
      }
      world.restartOperator();
      await world.round();
      expect(world.cluster.writes.slice(before)).toEqual([]);
      expectedEnd(world);
    }),
    { numRuns: 300 },
  );
});

function expectedEnd(world: World): void {
  const session = world.session as unknown as WhatsAppSession | undefined;
  if (session === undefined) {
    // A pod without owner was orphaned before: that is what `--cascade=orphan` asks for.
    expect(world.pod?.metadata.ownerReferences?.length ?? 0).toBe(0);
    return;
  }
  const { phase, conditions } = session.status ?? {};
  const taken = children.some((plural) => {
    const object = world.cluster.get(plural, KEY);
    // Without owner and labels nobody can know whose it was.
    const { labels: named, ownerReferences } = object?.metadata ?? {};
    const nobodys = ownerReferences?.length === 0 && named?.[labels.session] === undefined;
    return nobodys || world.foreign.has(object?.metadata.uid ?? '');
  });
  const ready = conditions?.find(({ type }) => type === 'Ready');
  if (session.spec.operatingMode === 'Suspended') expect(phase).toBe('Suspended');
  else if (phase === 'Failed')
    expect(conditions?.some(({ type }) => type === 'RestartLimitExceeded')).toBe(true);
  else expect(ready?.reason).toBe(taken ? 'NameTaken' : 'Connected');
  expect(conditions?.some(({ type }) => type === 'Updating')).toBe(false);
}
