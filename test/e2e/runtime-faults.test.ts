import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../cluster/cluster.ts';
import { pauseOne, restartOne, resumeOne, startOne, stopOne } from '../cluster/faults.ts';
import { readSettings } from '../cluster/settings.ts';
import { connectTarget } from '../cluster/target.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';
import { compactEtcd } from './runtime/compact.ts';
import { configMap, configMaps, type Follower, openWorld, stateOf, type World } from './runtime/world.ts';

const { local } = connectTarget(readSettings(process.env));

/** Only the local cluster's parts can be broken. */
describe.runIf(local !== undefined)('a follower of a kind, when the API server', () => {
  const cluster = local as Cluster;
  let namespace: TestNamespace;
  let name: string;
  let world: World;
  /** On a way of its own, so that it can be cut off while others go on. */
  let apart: World;
  let follower: Follower;

  beforeAll(async () => {
    namespace = await createNamespace('follow');
    name = namespace.name;
    world = await openWorld();
    apart = await openWorld();
    follower = apart.follow(name);
    await follower.informer.synced();
  });

  afterAll(async () => {
    await follower.stop();
    await apart.close();
    await world.close();
    await namespace.dispose();
  });

  const create = (object: string) => world.client.create(configMaps, configMap(name, object));
  const remove = (object: string) => world.client.delete(configMaps, { name: object, namespace: name });
  /** Each thing exactly once: none is missed, none is told twice. */
  const toldOf = (object: string) => follower.told.filter((line) => line.endsWith(` ${object}`));
  const untilTold = (object: string, lines: readonly string[]) =>
    expect.poll(() => toldOf(object), { timeout: 60_000 }).toEqual(lines);

  const counted = async (metric: string): Promise<number> => {
    const found = new RegExp(`^${metric}\\{name="configmaps"\\} (\\d+)`, 'm').exec(await apart.metrics());
    return Number(found?.[1] ?? 0);
  };

  /** What the cache holds is what the server holds. */
  async function expectEqualToServer(): Promise<void> {
    const fieldSelector = 'metadata.name!=kube-root-ca.crt';
    const { items } = await world.client.list(configMaps, { namespace: name, fieldSelector });
    await expect
      .poll(() => new Set(follower.informer.store.list().map(stateOf)), { timeout: 30_000 })
      .toEqual(new Set(items.map(stateOf)));
  }

  it.each([{ kill: false }, { kill: true }])('is restarted (SIGKILL: $kill), goes on', async ({ kill }) => {
    const [before, after] = [`before-${kill}`, `after-${kill}`];
    await create(before);
    await untilTold(before, [`added ${before}`]);
    await restartOne(cluster, 'apiserver', kill);
    await create(after);
    await untilTold(after, [`added ${after}`]);
    await expectEqualToServer();
    expect(toldOf(before)).toEqual([`added ${before}`]);
  });

  it('is away for half a minute, goes on', async () => {
    await create('kept');
    await untilTold('kept', ['added kept']);
    await stopOne(cluster, 'apiserver', true);
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    await startOne(cluster, 'apiserver');
    await create('later');
    await untilTold('later', ['added later']);
    await expectEqualToServer();
  });

  it('answers nothing for a while, goes on', async () => {
    await pauseOne(cluster, 'apiserver');
    const question = world.client.get(configMaps, { name: 'kept', namespace: name }, { timeoutMs: 2000 });
    await expect(question).rejects.toMatchObject({ code: 'timeout', class: 'retry' });
    await resumeOne(cluster, 'apiserver');
    await create('thawed');
    await untilTold('thawed', ['added thawed']);
  });

  it('forgot what happened during a gap, tells the outcome of it', async () => {
    for (const object of ['stays', 'goes', 'remade']) await create(object);
    await untilTold('remade', ['added remade']);
    const lists = await counted('reflector_lists_total');
    apart.passage.cut();
    await remove('goes');
    await remove('remade');
    await create('remade');
    await create('came');
    await compactEtcd(cluster);
    // Its own memory of recent changes reaches further back than etcd's.
    await restartOne(cluster, 'apiserver', false);
    apart.passage.open();
    await untilTold('came', ['added came']);
    await expectEqualToServer();
    expect(toldOf('goes')).toEqual(['added goes', 'deleted goes']);
    expect(toldOf('remade')).toEqual(['added remade', 'deleted remade', 'added remade']);
    expect(toldOf('stays')).toEqual(['added stays']);
    expect(await counted('reflector_lists_total')).toBe(lists + 1);
  });

  it('compacts its database, does not notice', async () => {
    const lists = await counted('reflector_lists_total');
    await compactEtcd(cluster);
    await create('compacted');
    await untilTold('compacted', ['added compacted']);
    expect(await counted('reflector_lists_total')).toBe(lists);
  });

  it('has nothing to tell, keeps its one watch by the bookmarks', async () => {
    await create('last');
    await untilTold('last', ['added last']);
    const watches = await counted('reflector_watches_total');
    // Longer than the silence after which a watch is given up.
    await new Promise((resolve) => setTimeout(resolve, 110_000));
    expect(await counted('reflector_watches_total')).toBe(watches);
  });
});
