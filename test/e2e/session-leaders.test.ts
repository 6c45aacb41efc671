import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leases } from '../../operator/src/kube/resource.ts';
import { budgets, outages } from './budgets.ts';
import { eyesOn } from './session-eyes.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

const program = fileURLToPath(new URL('../../operator/src/main.ts', import.meta.url));

/** Two operators, each the program itself in a process of its own, and one session. */
describe('two operators', () => {
  let world: SessionWorld;
  let folder: string;
  let lease: string;
  const running = new Set<ChildProcess>();
  const { untilPod, kill } = eyesOn(() => world);

  beforeAll(async () => {
    world = await createSessionWorld('leaders');
    lease = world.namespace.name;
    folder = await mkdtemp(join(tmpdir(), 'leaders-'));
    const config = world.namespace.target.kubeConfig.exportConfig();
    await writeFile(join(folder, 'kubeconfig'), config, { mode: 0o600 });
  });
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    await world.client.delete(leases, { name: lease, namespace: 'default' });
    await world.dispose();
    await rm(folder, { recursive: true });
  });

  function start(): ChildProcess {
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        ...world.operatorEnvironment,
        KUBECONFIG: join(folder, 'kubeconfig'),
        LEASE_NAME: lease,
        LOG_LEVEL: 'error',
      },
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  }
  const holder = async () =>
    (await world.client.get(leases, { name: lease, namespace: 'default' })).spec.holderIdentity;

  it('make one pod of a session', async () => {
    leader = start();
    await world.create('sales');
    await untilPod('sales', undefined);
    other = start();
    await world.link('sales');
    await world.post.send('sales');
    await world.isWhole('sales');
  });
  let leader: ChildProcess;
  let other: ChildProcess;

  it('hand over when the leader stands still past its lease, which changes nothing when it goes on', async () => {
    const [before, led] = [(await world.pod('sales'))?.metadata.uid, await holder()];
    const exit = once(leader, 'exit');
    leader.kill('SIGSTOP');
    await kill('sales');
    await sleep(outages.pausedLeader * 1000);
    await expect.poll(holder, { timeout: budgets.failover * 1000 }).not.toBe(led);
    await untilPod('sales', before);
    const made = (await world.pod('sales'))?.metadata.uid;
    leader.kill('SIGCONT');
    expect(await exit).toEqual([1, null]);
    await world.until('sales', 'Connected', budgets.back);
    expect((await world.pod('sales'))?.metadata.uid).toBe(made);
    await world.post.send('sales', 2);
    await world.isWhole('sales');
    expect(other.exitCode).toBeNull();
    world.wasAlone();
  });
});
