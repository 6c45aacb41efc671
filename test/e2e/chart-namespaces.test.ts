import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProgress } from '../cluster/build/progress.ts';
import { readSettings } from '../cluster/settings.ts';
import { ensureTools } from '../tools/tools.ts';
import { applySession, type ChartWorld, createChartWorld, waitFor } from './chart-world.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';

/** The chart for two namespaces, by Helm 3. */
let world: ChartWorld;
let watched: readonly TestNamespace[];
let other: TestNamespace;

beforeAll(async () => {
  const { helm3 } = await ensureTools(readSettings(process.env).cacheDir, openProgress(process.stderr));
  const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  watched = [await createNamespace('watched', restricted), await createNamespace('watched', restricted)];
  other = await createNamespace('unwatched', restricted);
  const values = {
    watchNamespaces: watched.map(({ name }) => name),
    replicas: 1,
    sandbox: { enabled: true },
  };
  world = await createChartWorld('namespaced', values, { helm: helm3 });
  await world.install();
}, 900_000);
afterAll(async () => {
  for (const { name } of watched) await world.kubectl('delete', 'was', '--all', '-n', name, '--wait');
  await Promise.all([...watched, other].map((namespace) => namespace.dispose()));
  await world.dispose();
}, 360_000);

describe('the chart with a list of namespaces', () => {
  it('has no rights that are cluster-wide', async () => {
    for (const kind of ['clusterroles', 'clusterrolebindings']) {
      const names = await world.read('default', kind, '{.items[*].metadata.name}');
      expect(names).not.toContain(world.release.name);
    }
  });

  it('runs sessions in each of them', async () => {
    for (const { name } of watched) await applySession(world, name, 'sales');
    for (const { name } of watched) await waitFor(world, name, 'sales', 'jsonpath={.status.phase}=Pairing');
  });

  it('leaves sessions elsewhere to others', async () => {
    await applySession(world, other.name, 'sales');
    await sleep(3000);
    expect(await world.read(other.name, 'was/sales', '{.status.phase}')).toBe('');
    expect(await world.read(other.name, 'pods', '{.items[*].metadata.name}')).toBe('');
  });
});
