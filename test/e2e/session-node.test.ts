import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../cluster/cluster.ts';
import { drain, startOne, stopOne, uncordon } from '../cluster/faults.ts';
import { readSettings } from '../cluster/settings.ts';
import { connectTarget } from '../cluster/target.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

/** Sessions when parts of the cluster fail. Only on the local one, whose parts can be broken. */
const { local } = connectTarget(readSettings(process.env));

describe.runIf(local !== undefined)('a session', () => {
  const cluster = local as Cluster;
  let world: SessionWorld;
  let claim: string | undefined;

  beforeAll(async () => {
    world = await createSessionWorld('session-node');
    world.startOperator();
    await world.create('sales');
    await world.link('sales');
    claim = await world.claimUid('sales');
  });
  afterAll(async () => await world.dispose());

  const isSame = async () => {
    expect(await world.claimUid('sales')).toBe(claim);
    expect((await world.session('sales')).status?.account?.id).toBe('4915@c.us');
  };

  it('is not made elsewhere while its node does not report, and is back with it', async () => {
    const pod = (await world.pod('sales'))?.metadata.uid;
    await stopOne(cluster, 'kubelet', false);
    try {
      const ready = await world.until('sales', 'NodeUnreachable', 150);
      expect(ready).toMatchObject({
        status: 'Unknown',
        message: expect.stringContaining('never two browsers'),
      });
      expect((await world.pod('sales'))?.metadata.uid).toBe(pod);
    } finally {
      await startOne(cluster, 'kubelet');
    }
    await world.until('sales', 'Connected', 120);
    expect((await world.pod('sales'))?.metadata.uid).toBe(pod);
    await isSame();
  });

  it('says that no node is left while its node is drained, and is back after that', async () => {
    await drain(cluster);
    try {
      await world.until('sales', 'Unschedulable', 120);
    } finally {
      await uncordon(cluster);
    }
    await world.until('sales', 'Connected', 120);
    expect((await world.session('sales')).status?.restarts).toMatchObject({ count: 0 });
    await isSame();
  });

  it('is looked after again once the API server is back', async () => {
    const pod = (await world.pod('sales'))?.metadata.uid;
    await stopOne(cluster, 'apiserver', true);
    await sleep(20_000);
    await startOne(cluster, 'apiserver');
    await world.patch('sales', { spec: { operatingMode: 'Suspended' } });
    await world.until('sales', 'Suspended', 120);
    await world.patch('sales', { spec: { operatingMode: 'Running' } });
    await world.until('sales', 'Connected', 120);
    expect((await world.pod('sales'))?.metadata.uid).not.toBe(pod);
    await isSame();
  });
});
