import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { endProcess, onlyChild, refOf, signal, stateOf } from './process.ts';

const start = (script: string): number => {
  const child = spawn('sh', ['-c', script], { stdio: 'ignore' });
  if (child.pid === undefined) throw new Error('sh did not start');
  return child.pid;
};

const mustRef = (pid: number): NonNullable<ReturnType<typeof refOf>> => {
  const ref = refOf(pid);
  if (ref === undefined) throw new Error(`no process ${pid}`);
  return ref;
};

describe('a process reference', () => {
  it('tells running, paused and gone apart', async () => {
    const ref = mustRef(start('exec sleep 60'));
    expect(stateOf(ref)).toBe('running');
    signal(ref, 'SIGSTOP');
    await expect.poll(() => stateOf(ref)).toBe('stopped');
    await endProcess(ref, 2000);
    expect(stateOf(ref)).toBe('gone');
  });

  it('does not mistake a later process of the same id for the one it meant', () => {
    const ref = mustRef(process.pid);
    expect(stateOf({ ...ref, startTicks: ref.startTicks - 1 })).toBe('gone');
  });

  it('kills a process that ignores SIGTERM when its grace is over', async () => {
    const ref = mustRef(start('trap "" TERM; while :; do sleep 1; done'));
    await endProcess(ref, 200);
    expect(stateOf(ref)).toBe('gone');
  });

  it('finds the child of a process that waits for it', async () => {
    const parent = start('sleep 60; true');
    const child = await onlyChild(parent);
    expect(child).toBeDefined();
    if (child !== undefined) await endProcess(child, 2000);
  });

  it('finds no child of a process that has ended', async () => {
    const pid = start('exit 0');
    await expect.poll(() => refOf(pid)).toBeUndefined();
    expect(await onlyChild(pid)).toBeUndefined();
  });
});
