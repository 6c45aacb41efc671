import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { acquireLock, type LockOwner } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'lock-test-'));
const lockModule = new URL('lock.ts', import.meta.url).href;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a lock', () => {
  it('is held by one at a time, and the one who waits learns by whom', async () => {
    const path = join(folder, 'turns');
    const order: string[] = [];
    const first = await acquireLock(path, { doing: 'the first thing' });
    let owner: LockOwner | undefined;
    const second = acquireLock(path, {
      doing: 'the second thing',
      onWait: (holder) => {
        owner = holder;
        order.push('second waits');
      },
    }).then((lock) => {
      order.push('second holds');
      return lock;
    });
    await expect.poll(() => order).toEqual(['second waits']);
    expect(owner).toMatchObject({ pid: process.pid, doing: 'the first thing' });
    order.push('first releases');
    await first.release();
    await (await second).release();
    expect(order).toEqual(['second waits', 'first releases', 'second holds']);
  });

  it('is refused at once to those who do not want to wait', async () => {
    const path = join(folder, 'impatient');
    const lock = await acquireLock(path, { doing: 'long work' });
    await expect(acquireLock(path, { doing: 'more', waitSeconds: 0 })).rejects.toMatchObject({
      code: 'locked',
      class: 'conflict',
      message: expect.stringContaining('long work'),
    });
    await lock.release();
  });

  it('is gone with a holder that was killed', async () => {
    const path = join(folder, 'killed');
    const script = `const { acquireLock } = await import(${JSON.stringify(lockModule)});
      await acquireLock(${JSON.stringify(path)}, { doing: 'dying' });
      console.log('held'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    holder.kill('SIGKILL');
    const lock = await acquireLock(path, { doing: 'going on', waitSeconds: 10 });
    await lock.release();
  });

  it('is to be had where the name of its holder cannot be written', async () => {
    const path = join(folder, 'full');
    // A folder in the place of the owner file fails the write for root too.
    mkdirSync(`${path}.owner`);
    const lock = await acquireLock(path, { doing: 'anything' });
    await lock.release();
  });

  it('is free again after its release, and a second release takes it from nobody', async () => {
    const path = join(folder, 'again');
    const first = await acquireLock(path, { doing: 'one' });
    await first.release();
    const second = await acquireLock(path, { doing: 'two', waitSeconds: 0 });
    await first.release();
    await expect(acquireLock(path, { doing: 'three', waitSeconds: 0 })).rejects.toMatchObject({
      code: 'locked',
    });
    await second.release();
  });

  it('lasts as long as a program that was given its file', async () => {
    const path = join(folder, 'shared');
    const first = await acquireLock(path, { doing: 'starting a program' });
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', first.fd] });
    await once(child, 'spawn');
    await first.release();
    await expect(acquireLock(path, { doing: 'more', waitSeconds: 0 })).rejects.toMatchObject({
      code: 'locked',
    });
    const second = acquireLock(path, { doing: 'more', waitSeconds: Infinity });
    child.kill();
    await (await second).release();
  });

  it('is not kept by a daemon that was started while it was held', async () => {
    const path = join(folder, 'daemon');
    const first = await acquireLock(path, { doing: 'starting a daemon' });
    const daemon = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    await once(daemon, 'spawn');
    await first.release();
    const second = await acquireLock(path, { doing: 'more', waitSeconds: 0 });
    await second.release();
    daemon.kill();
  });

  it('is not waited for any more when the signal is aborted', async () => {
    const path = join(folder, 'aborted');
    const first = await acquireLock(path, { doing: 'long work' });
    const stop = new AbortController();
    const second = acquireLock(path, { doing: 'more', signal: stop.signal, onWait: () => stop.abort() });
    await expect(second).rejects.toMatchObject({ code: 'interrupted' });
    const third = acquireLock(path, { doing: 'more', signal: AbortSignal.timeout(100) });
    await expect(third).rejects.toMatchObject({ code: 'interrupted' });
    await first.release();
    await (await acquireLock(path, { doing: 'the next', waitSeconds: 0 })).release();
  });

  it('says so where it cannot be had at all', async () => {
    // A folder in the place of the lock's file.
    const path = join(folder, 'no-file');
    mkdirSync(path);
    await expect(acquireLock(path, { doing: 'anything' })).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
