import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, tryCommand } from '../../machine/command.ts';
import { acquireLock } from '../../machine/lock.ts';
import { type ClusterCommandLine, clusterCommandLine } from './command-line.ts';
import { type MachineState, machineState } from './machine-state.ts';

const names = ['life-a', 'life-b', 'life-full'] as const;
const [a, b, full] = names;
const stateDir = mkdtempSync('/var/tmp/cluster-lifecycle-');
const smallDisk = `${stateDir}-disk`;
const cluster: ClusterCommandLine = clusterCommandLine(stateDir);
const onSmallDisk: ClusterCommandLine = clusterCommandLine(smallDisk);
const marks = [stateDir, ...names.map((name) => `wop-${name}`)];
let before: MachineState;

const phase = async (name: string): Promise<string> => {
  const { output } = await cluster.run(name, 'status', '--json');
  return (JSON.parse(output.slice(output.indexOf('{'))) as { phase: string }).phase;
};
const kubectl = (name: string, ...args: readonly string[]) =>
  cluster.run(name, 'exec', '--', 'kubectl', ...args);
const until = (is: () => boolean) => expect.poll(is, { timeout: 60_000, interval: 20 }).toBe(true);

beforeAll(async () => {
  // The binaries and the cluster's own images, so that what follows is about clusters.
  expect((await cluster.run(a, 'build')).code).toBe(0);
  before = await machineState(marks);
});

afterAll(async () => {
  for (const name of names) await cluster.run(name, 'down');
  await onSmallDisk.run(full, 'down');
  await tryCommand(['umount', smallDisk]);
  for (const path of [stateDir, smallDisk, `${smallDisk}.img`])
    rmSync(path, { recursive: true, force: true });
});

describe('the life of a local cluster', () => {
  it('begins once when two starts come at the same time, whatever lock file an earlier process left', async () => {
    writeFileSync(join(stateDir, `.${a}.lock`), '');
    writeFileSync(
      join(stateDir, `.${a}.lock.owner`),
      JSON.stringify({ pid: 999_999, doing: 'dying', since: '' }),
    );
    const [first, second] = await Promise.all([cluster.run(a, 'up'), cluster.run(a, 'up')]);
    expect([first.code, second.code]).toEqual([0, 0]);
    const outcomes = [first, second].map(({ output }) => /: (started|already running),/.exec(output)?.[1]);
    expect(outcomes.sort()).toEqual(['already running', 'started']);
    expect(await phase(a)).toBe('Running');
  });

  it('goes on undisturbed beside another cluster, which shares nothing with it', async () => {
    expect((await kubectl(a, 'create', 'configmap', 'mine', '--from-literal=of=a')).code).toBe(0);
    expect((await cluster.run(b, 'up')).code).toBe(0);
    expect((await kubectl(b, 'get', 'configmap', 'mine')).output).toContain('not found');
    const { output } = await cluster.run(b, 'list');
    const ranges = output.match(/10\.\d+\.0\.0\/16/g) ?? [];
    expect(new Set(ranges).size).toBe(2);
    expect((await cluster.run(b, 'down')).code).toBe(0);
    expect(await phase(a)).toBe('Running');
  });

  it('is not changed by another start', async () => {
    const { output, code } = await cluster.run(a, 'up');
    expect(code).toBe(0);
    expect(output).toContain('already running');
  });

  it('continues on its data after the node was killed', async () => {
    const init = JSON.parse(readFileSync(join(stateDir, a, 'run', 'init.json'), 'utf8')) as { pid: number };
    process.kill(init.pid, 'SIGKILL');
    await expect.poll(() => phase(a), { timeout: 20_000 }).toBe('Stopped');
    expect((await cluster.run(a, 'up')).output).toContain(': started,');
    expect((await kubectl(a, 'get', 'configmap', 'mine', '-o', 'jsonpath={.data.of}')).output.trim()).toBe(
      'a',
    );
  });

  it('is mended by the next start when a start was killed in the middle', async () => {
    await cluster.run(b, 'down');
    const start = cluster.start(b, 'up');
    await until(() => existsSync(join(stateDir, b, 'run', 'etcd.json')));
    start.process.kill('SIGKILL');
    await start.done;
    expect((await cluster.run(b, 'up')).code).toBe(0);
    expect(await phase(b)).toBe('Running');
    expect((await kubectl(b, 'get', 'storageclass', '-o', 'name')).output).toContain('local-path');
    await cluster.run(b, 'down');
  });

  it('begins anew, and says so, when its data did not survive a restart of the machine', async () => {
    expect((await cluster.run(a, 'stop')).code).toBe(0);
    const record = join(stateDir, a, 'cluster.json');
    const stored = JSON.parse(readFileSync(record, 'utf8')) as object;
    writeFileSync(record, JSON.stringify({ ...stored, bootId: '00000000-0000-0000-0000-000000000000' }));
    writeFileSync(join(stateDir, a, 'etcd', 'member', 'snap', 'db'), 'not a database');
    const { code, output } = await cluster.run(a, 'up');
    expect(output).toContain('did not survive the restart of the machine');
    expect(code).toBe(0);
    expect((await kubectl(a, 'get', 'configmap', 'mine')).output).toContain('not found');
  });

  it('ends without a trace', async () => {
    expect((await cluster.run(a, 'down')).code).toBe(0);
    expect(await machineState(marks)).toEqual(before);
    expect(existsSync(join(stateDir, a))).toBe(false);
    expect(await phase(a)).toBe('Absent');
  });

  it('can be ended when it never began', async () => {
    expect((await cluster.run(b, 'down')).code).toBe(0);
  });
});

describe('a disk', () => {
  it('that is too small is named before anything starts', async () => {
    mkdirSync(smallDisk, { recursive: true });
    await runCommand(['mount', '-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', smallDisk]);
    const { code, output } = await onSmallDisk.run(full, 'up');
    await runCommand(['umount', smallDisk]);
    expect(code).toBe(1);
    expect(output).toContain(`free for ${smallDisk}`);
  });

  it('that fills up in the middle of a start fails it with that reason, and the start works once there is space', async () => {
    await runCommand(['truncate', '-s', '4G', `${smallDisk}.img`]);
    await runCommand(['mkfs.ext4', '-q', '-m', '0', `${smallDisk}.img`]);
    await runCommand(['mount', '-o', 'loop', `${smallDisk}.img`, smallDisk]);
    // The start has looked at the disk when it waits for the lock; then the disk is filled.
    const lock = await acquireLock(join(smallDisk, `.${full}.lock`), { doing: 'testing' });
    const start = onSmallDisk.start(full, 'up');
    let waits = '';
    start.process.stderr?.on('data', (text: string) => {
      waits += text;
    });
    await until(() => waits.includes('waiting for it'));
    await runCommand(['sh', '-c', 'fallocate -l $(df --output=avail -B1 . | tail -1) ballast || true'], {
      cwd: smallDisk,
    });
    await tryCommand(['dd', 'if=/dev/zero', `of=${smallDisk}/ballast2`, 'bs=4k']);
    await lock.release();
    const { code, output } = await start.done;
    expect(code).toBe(1);
    expect(output).toMatch(/no space left|disk is full/i);
    expect((await machineState([`wop-${full}`])).links).toEqual(before.links);
    for (const file of ['ballast', 'ballast2']) rmSync(join(smallDisk, file));
    expect((await onSmallDisk.run(full, 'up')).code).toBe(0);
    expect((await onSmallDisk.run(full, 'down')).code).toBe(0);
    await runCommand(['umount', smallDisk]);
    expect(await machineState([...marks, smallDisk])).toEqual(before);
  });
});
