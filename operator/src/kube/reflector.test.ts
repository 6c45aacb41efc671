import { describe, expect, it } from 'vitest';
import { ApiError } from './errors.ts';
import { followMemory, Listener, put } from './testing/follow.ts';
import { livePod } from './testing/objects.ts';
import { settle } from './testing/virtual-clock.ts';

describe('a reflector', () => {
  it('lists in pages and then follows', async () => {
    const { api, clock, informer, listener, end } = await followMemory((server) =>
      put(server, 'a', 'b', 'c', 'd', 'e'),
    );
    await clock.advance(0);
    expect(informer.store.size).toBe(5);
    api.put(livePod('a', {}, { labels: { x: '1' } }));
    api.remove('default/b');
    put(api, 'f');
    await clock.advance(0);
    expect(listener.told.slice(5)).toEqual(['updated a', 'deleted b', 'added f']);
    expect(listener.mistakes).toEqual([]);
    await end();
  });

  it('has synced only after all pages, and says so after its handlers know', async () => {
    let failing = true;
    const { api, clock, informer, end } = await followMemory((server) => {
      put(server, 'a', 'b', 'c');
      let lists = 0;
      server.before = (verb) => {
        if (verb !== 'list') return;
        lists += 1;
        if (failing && lists > 1) throw new ApiError({ attempted: 'GET', code: 'connection' });
      };
    });
    await clock.advance(10_000);
    expect(informer.store.hasSynced).toBe(false);
    expect(informer.store.size).toBe(0);
    failing = false;
    let synced = false;
    void informer.synced().then(() => {
      synced = true;
    });
    await clock.advance(30_000);
    expect([synced, informer.store.size]).toEqual([true, 3]);
    expect(api.watchers).toBe(1);
    await end();
  });

  it('starts over when a page of the list has expired', async () => {
    const { clock, informer, end } = await followMemory((server) => {
      put(server, 'a', 'b', 'c');
      let lists = 0;
      server.before = (verb) => {
        lists += verb === 'list' ? 1 : 0;
        if (lists === 2) server.compact();
      };
    });
    await clock.advance(2000);
    expect(informer.store.size).toBe(3);
    await end();
  });

  it.each([
    { how: 'a reset', error: new Error('ECONNRESET') },
    { how: 'an end in order', error: undefined },
  ])('goes on from where it was after $how, without listing again', async ({ error }) => {
    const { api, clock, listener, registry, end } = await followMemory((server) => put(server, 'a', 'b'));
    await clock.advance(5000);
    api.endWatches(error);
    put(api, 'c');
    await clock.advance(40_000);
    expect(listener.told).toEqual(['added a', 'added b', 'added c']);
    expect(await registry.metrics()).toContain('reflector_lists_total{name="pods"} 1');
    await end();
  });

  it('lists again after a gap that the server no longer knows, and tells what was deleted in it', async () => {
    const { api, clock, listener, end } = await followMemory((server) => put(server, 'a', 'b', 'c'));
    api.endWatches(new Error('reset'));
    api.remove('default/a');
    api.remove('default/b');
    put(api, 'b', 'd');
    api.compact();
    await clock.advance(60_000);
    expect(listener.told.slice(3).sort()).toEqual(['added b', 'added d', 'deleted a', 'deleted b']);
    expect(listener.mistakes).toEqual([]);
    await end();
  });

  it('lists again after 410 inside the watch', async () => {
    const { api, clock, listener, end } = await followMemory((server) => put(server, 'a'));
    api.say('{"type":"ERROR","object":{"code":410,"reason":"Expired"}}\n');
    api.objects.delete('default/a');
    await clock.advance(5000);
    expect(listener.told).toEqual(['added a', 'deleted a']);
    await end();
  });

  it('lists again when the server has gone back to an earlier version', async () => {
    const { api, clock, registry, end } = await followMemory((server) => put(server, 'a', 'b', 'c'));
    await clock.advance(0);
    api.say('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}\n');
    await clock.advance(5000);
    expect(await registry.metrics()).toContain('reflector_lists_total{name="pods"} 2');
    await end();
  });

  it('opens the watch anew after nonsense, and lists again when the nonsense does not stop', async () => {
    const { api, clock, registry, informer, end } = await followMemory((server) => put(server, 'a'));
    for (let time = 0; time < 5; time++) {
      api.say('{"type":"ADDED","object":{}}\n');
      await clock.advance(30_000);
    }
    expect(await registry.metrics()).toContain('reflector_lists_total{name="pods"} 2');
    expect(informer.store.size).toBe(1);
    await end();
  });

  it('gives a watch up that has gone silent, and misses nothing', async () => {
    const { api, clock, listener, registry, end } = await followMemory((server) => put(server, 'a'));
    await clock.advance(80_000);
    api.bookmark();
    await clock.advance(80_000);
    expect(await registry.metrics()).toContain('reflector_watches_total{name="pods"} 1');
    // From here on its watch says nothing, whatever happens.
    api.say = () => {};
    put(api, 'b');
    await clock.advance(95_000);
    expect(listener.told).toEqual(['added a', 'added b']);
    expect(await registry.metrics()).toContain('reflector_failures_total{name="pods",reason="stalled"} 1');
    await end();
  });

  it('lists again when watch after watch stays silent: the server may not know the version at all', async () => {
    const { api, clock, listener, registry, end } = await followMemory((server) => put(server, 'a'));
    await clock.advance(0);
    api.say = () => {};
    put(api, 'b');
    // Nor does it tell a new watch what it missed.
    api.forgetHistory();
    await clock.advance(5 * 90_000 + 60_000);
    expect(listener.told).toEqual(['added a', 'added b']);
    expect(await registry.metrics()).toContain('reflector_lists_total{name="pods"} 2');
    await end();
  });

  it('takes dripping bytes for silence', async () => {
    const { api, clock, registry, end } = await followMemory((server) => put(server, 'a'));
    for (let second = 0; second < 100; second++) {
      api.say(' ');
      await clock.advance(1000);
    }
    expect(await registry.metrics()).toContain('reason="stalled"} 1');
    await end();
  });

  it('waits as long as the server asks, and longer each time when it says nothing about it', async () => {
    const times: number[] = [];
    const { clock, end } = await followMemory((server, time) => {
      server.before = () => {
        times.push(time.monotonic());
        throw new ApiError({
          attempted: 'GET',
          code: 503,
          retryAfterMs: times.length === 1 ? 7000 : undefined,
        });
      };
    });
    await clock.advance(200_000);
    const gaps = times.slice(1).map((time, index) => Math.round(time - (times[index] ?? 0)));
    expect(gaps.slice(0, 7)).toEqual([7600, 1200, 2400, 4800, 9600, 19_200, 22_500]);
    await end();
  });

  it('does not ask a server in a circle that ends each watch at once', async () => {
    const { api, clock, registry, end } = await followMemory();
    await clock.advance(0);
    for (let turn = 0; turn < 50; turn++) {
      api.endWatches();
      // No time passes: only what does not wait gets to run.
      await settle();
    }
    const opened = /reflector_watches_total\{name="pods"\} (\d+)/.exec(await registry.metrics())?.[1];
    expect(Number(opened)).toBeLessThanOrEqual(2);
    await end();
  });

  it('goes on when a handler throws, and tells the other handlers', async () => {
    const { api, clock, informer, listener, end } = await followMemory();
    informer.onEvent(() => {
      throw new Error('mine');
    });
    const later = new Listener();
    put(api, 'a');
    await clock.advance(0);
    informer.onEvent((event) => later.hear(event));
    put(api, 'b');
    await clock.advance(0);
    expect(listener.told).toEqual(['added a', 'added b']);
    expect(later.told).toEqual(['added a', 'added b']);
    await end();
  });
});
