import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../cluster/cluster.ts';
import { drain, startOne, stopOne, uncordon } from '../cluster/faults.ts';
import { readSettings } from '../cluster/settings.ts';
import { connectTarget } from '../cluster/target.ts';
import { budgets, outages } from './budgets.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

/** Sessions when parts of the cluster fail. Only on the local one, whose parts can be broken. */
const { local } = connectTarget(readSettings(process.env));

describe.runIf(local !== undefined)('a session', () => {
  const cluster = local as Cluster;
  let world: SessionWorld;

  beforeAll(async () => {
    world = await createSessionWorld('session-node');
    world.startOperator();
    await world.create('sales');
    await world.link('sales');
    await world.post.send('sales');
  });
  afterAll(async () => await world.dispose());

  /** Reached again after its way was broken, and nothing lost or doubled meanwhile. */
  const isWhole = async () => {
    await world.sandbox.reconnect();
    await world.post.send('sales', 2);
    await world.isWhole('sales');
    world.wasAlone();
  };

  it('is not made elsewhere while its node does not report, and is back with it', async () => {
    const pod = (await world.pod('sales'))?.metadata.uid;
    await stopOne(cluster, 'kubelet', false);
    try {
      const ready = await world.until('sales', 'NodeUnreachable', budgets.nodeLost);
      expect(ready).toMatchObject({
        status: 'Unknown',
        message: expect.stringContaining('never two browsers'),
      });
      expect((await world.pod('sales'))?.metadata.uid).toBe(pod);
    } finally {
      await startOne(cluster, 'kubelet');
    }
    await world.until('sales', 'Connected', budgets.back);
    expect((await world.pod('sales'))?.metadata.uid).toBe(pod);
    await isWhole();
  });

  it('says that no node is left while its node is drained, and is back after that', async () => {
    await drain(cluster);
    try {
      await world.until('sales', 'Unschedulable', budgets.told);
      // Looked at now: afterwards the session may well be there before the simulated WhatsApp, and give up once.
      expect((await world.session('sales')).status?.restarts).toMatchObject({ count: 0 });
    } finally {
      await uncordon(cluster);
    }
    await world.until('sales', 'Connected', budgets.back);
    await isWhole();
  });

  it('is looked after again once the API server is back, after minutes', async () => {
    const pod = (await world.pod('sales'))?.metadata.uid;
    await stopOne(cluster, 'apiserver', true);
    await sleep(outages.apiServer * 1000);
    await startOne(cluster, 'apiserver');
    // It went on by itself: the same pod, connected all the time.
    await world.until('sales', 'Connected', budgets.recovered);
    expect((await world.pod('sales'))?.metadata.uid).toBe(pod);
    await isWhole();
    await world.patch('sales', { spec: { operatingMode: 'Suspended' } });
    await world.until('sales', 'Suspended', budgets.recovered);
    await world.patch('sales', { spec: { operatingMode: 'Running' } });
    await world.until('sales', 'Connected', budgets.back);
    expect((await world.pod('sales'))?.metadata.uid).not.toBe(pod);
    await isWhole();
  }, 600_000);
});
