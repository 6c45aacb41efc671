import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leases } from '../../operator/src/kube/resource.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';
import { configMap, configMaps, type Follower, openWorld, type World } from './runtime/world.ts';

const program = fileURLToPath(new URL('runtime/contestant.ts', import.meta.url));

describe('two processes that both want to lead', () => {
  let namespace: TestNamespace;
  let world: World;
  let dir: string;
  let follower: Follower;
  /** Every write that the API server took, by writer, in its order. */
  const writers: string[] = [];
  const children = new Map<string, ChildProcess>();

  beforeAll(async () => {
    namespace = await createNamespace('leader');
    world = await openWorld();
    dir = await mkdtemp(join(tmpdir(), 'leader-'));
    await writeFile(join(dir, 'kubeconfig'), namespace.target.kubeConfig.exportConfig(), { mode: 0o600 });
    await world.client.create(configMaps, configMap(namespace.name, 'contested'));
    follower = world.follow(namespace.name);
    follower.informer.onEvent(({ object }) => {
      const writer = object.data?.['writer'];
      if (writer !== undefined) writers.push(writer);
    });
    await follower.informer.synced();
  });

  afterAll(async () => {
    for (const child of children.values()) child.kill('SIGKILL');
    await follower.stop();
    await world.close();
    await namespace.dispose();
    await rm(dir, { recursive: true });
  });

  function start(identity: string): ChildProcess {
    const argv = [program, join(dir, 'kubeconfig'), namespace.name, identity];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
    children.set(identity, child);
    return child;
  }

  const holder = async () =>
    (await world.client.get(leases, { name: 'contest', namespace: namespace.name }).catch(() => undefined))
      ?.spec.holderIdentity;
  const untilWriting = (identity: string, seconds = 60) =>
    expect.poll(() => writers.at(-1), { timeout: seconds * 1000 }).toBe(identity);
  /** The writers in turn: `a b` when b took over from a once and for all. */
  const turns = () => writers.filter((writer, index) => writer !== writers[index - 1]);

  it('have one of them write, and the other from the moment on at which the first is stopped for too long', async () => {
    const first = start('first');
    await untilWriting('first');
    start('second');
    await sleep(4000);
    expect(turns()).toEqual(['first']);

    const stoppedAt = performance.now();
    first.kill('SIGSTOP');
    await untilWriting('second');
    expect(performance.now() - stoppedAt).toBeGreaterThan(10_000);

    const written = writers.length;
    const exit = once(first, 'exit');
    first.kill('SIGCONT');
    expect(await exit).toEqual([1, null]);
    await sleep(2000);
    expect(writers.length).toBeGreaterThan(written);
    expect(turns()).toEqual(['first', 'second']);
  });

  it('hand over without waiting for the lease to run out when the leader ends in order', async () => {
    start('third');
    await sleep(3000);
    const leader = children.get('second');
    const exit = leader === undefined ? undefined : once(leader, 'exit');
    const endedAt = performance.now();
    leader?.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    await untilWriting('third');
    expect(performance.now() - endedAt).toBeLessThan(12_000);
    expect(turns()).toEqual(['first', 'second', 'third']);
    expect(await holder()).toBe('third');
  });

  it('hand over after the lease has run out when the leader is killed', async () => {
    start('fourth');
    await sleep(3000);
    children.get('third')?.kill('SIGKILL');
    await untilWriting('fourth');
    expect(turns()).toEqual(['first', 'second', 'third', 'fourth']);
  });
});
