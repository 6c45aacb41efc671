import { describe, expect, it } from 'vitest';
import type { LeaderCallbacks } from './leader.ts';
import { silentLogger } from './logger.ts';
import { Manager, type ManagerOptions } from './manager.ts';
import { settle } from './testing/virtual-clock.ts';

/** A manager whose parts write down what happens to them. */
function setup({ unfinished = 0, elected = true }: { unfinished?: number; elected?: boolean } = {}) {
  const diary: string[] = [];
  const aborted = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  let callbacks: LeaderCallbacks | undefined;
  const part = (name: string) => async (signal: AbortSignal) => {
    diary.push(`${name} starts`);
    if (!signal.aborted) await aborted(signal);
    diary.push(`${name} ends`);
    return unfinished;
  };
  const elector = {
    isLeader: () => true,
    run: async (signal: AbortSignal, given: LeaderCallbacks) => {
      callbacks = given;
      diary.push('election starts');
      await aborted(signal);
      diary.push(given.mayRelease?.() ? 'lease released' : 'lease kept');
    },
  };
  const options: ManagerOptions = {
    informers: [
      {
        resource: { plural: 'pods' },
        store: { hasSynced: true },
        synced: async () => {},
        run: async (signal) => {
          await part('cache')(signal);
        },
      },
    ],
    controllers: [{ name: 'c', run: part('controller') }],
    recorder: {
      flush: async () => {
        diary.push('events flushed');
      },
    },
    log: silentLogger,
    ...(elected ? { elector } : {}),
  };
  const stop = new AbortController();
  const manager = new Manager(options);
  return { diary, stop, manager, ended: manager.run(stop.signal), election: () => callbacks };
}

describe('a manager', () => {
  it('runs the caches before it leads and the controllers after, and ends in the reverse order', async () => {
    const { diary, stop, ended, election } = setup();
    await settle();
    expect(diary).toEqual(['cache starts', 'election starts']);
    election()?.onElected();
    await settle();
    expect(diary.at(-1)).toBe('controller starts');
    stop.abort();
    expect(await ended).toBe('stopped');
    expect(diary.slice(3)).toEqual(['controller ends', 'events flushed', 'lease released', 'cache ends']);
  });

  it('ends controllers at once when leadership is lost, and says so', async () => {
    const { diary, ended, election } = setup();
    await settle();
    election()?.onElected();
    await settle();
    election()?.onLost('taken');
    expect(await ended).toBe('lost_leadership');
    expect(diary).toContain('controller ends');
    expect(diary).not.toContain('lease released');
  });

  it('keeps the lease while work is still under way', async () => {
    const { diary, stop, ended, election } = setup({ unfinished: 1 });
    await settle();
    election()?.onElected();
    await settle();
    stop.abort();
    await ended;
    expect(diary).toContain('lease kept');
  });

  it('ends a standby that never led', async () => {
    const { diary, stop, ended } = setup();
    await settle();
    stop.abort();
    expect(await ended).toBe('stopped');
    expect(diary).not.toContain('controller starts');
    expect(diary.at(-1)).toBe('cache ends');
  });

  it('needs no elector', async () => {
    const { diary, stop, ended } = setup({ elected: false });
    await settle();
    expect(diary).toEqual(['cache starts', 'controller starts']);
    stop.abort();
    expect(await ended).toBe('stopped');
  });

  it('is ready when its caches are', () => {
    const { manager, stop } = setup();
    expect(manager.readyChecks()['cache pods']?.()).toBe(true);
    stop.abort();
  });
});
