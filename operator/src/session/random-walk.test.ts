import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PodStatus } from '../kube/pod.ts';
import { labels } from './names.ts';
import { children, KEY, World } from './testing/world.ts';

/**
 * Random lives of one name: people create, change, suspend, pause and delete; pods run, crash, are evicted, lose their
 * owner; strangers take names; caches lag; rounds are cut off between any two writes; the operator is started anew.
 */
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
}, 120_000);

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
