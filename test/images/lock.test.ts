import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdLock } from './lock.ts';

let folder: string;
let path: string;
let holder: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(folder, 'lock');
});
afterEach(async () => {
  holder?.kill('SIGKILL');
  holder = undefined;
  await rm(folder, { recursive: true, force: true });
});

const patient = { signal: undefined, onWait: () => undefined };

/** Another process that holds the lock until it is killed. */
async function holdElsewhere(): Promise<ChildProcess> {
  const program = `
    import { holdLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    await holdLock(${JSON.stringify(path)}, { signal: undefined, onWait() {} });
    console.log('held');
    setInterval(() => {}, 1000);`;
  holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (holder.stdout !== null) await once(holder.stdout, 'data');
  return holder;
}

describe('the lock', () => {
  it('is free again after its release', async () => {
    const first = await holdLock(path, patient);
    await first.release();
    const second = await holdLock(path, patient);
    await second.release();
  });

  it('is waited for, and the holder is named', async () => {
    const order: string[] = [];
    const first = await holdLock(path, patient);
    const waiting = Promise.withResolvers<string>();
    const second = holdLock(path, { signal: undefined, onWait: waiting.resolve }).then(async (lock) => {
      order.push('second has it');
      await lock.release();
    });
    expect(await waiting.promise).toBe(String(process.pid));
    order.push('first gives it up');
    await first.release();
    await second;
    expect(order).toEqual(['first gives it up', 'second has it']);
  });

  it('is free as soon as its holder is killed', async () => {
    const other = await holdElsewhere();
    const waiting = Promise.withResolvers<string>();
    const mine = holdLock(path, { signal: undefined, onWait: waiting.resolve });
    expect(await waiting.promise).toBe(String(other.pid));
    other.kill('SIGKILL');
    await (await mine).release();
  });

  it('lasts as long as a program that was given its file', async () => {
    const first = await holdLock(path, patient);
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', first.fd] });
    await once(child, 'spawn');
    await first.release();
    const waiting = Promise.withResolvers<string>();
    const second = holdLock(path, { signal: undefined, onWait: waiting.resolve });
    await waiting.promise;
    child.kill();
    await (await second).release();
  });

  it('stops waiting when the signal is aborted', async () => {
    const first = await holdLock(path, patient);
    const stop = new AbortController();
    const second = holdLock(path, { signal: stop.signal, onWait: () => stop.abort() });
    await expect(second).rejects.toMatchObject({ code: 'IMAGES_INTERRUPTED' });
    await first.release();
  });
});
