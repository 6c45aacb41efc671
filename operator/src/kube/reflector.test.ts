import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from './errors.ts';
import { Informer } from './informer.ts';
import { keyOf } from './key.ts';
import { silentLogger } from './logger.ts';
import type { Live } from './objects.ts';
import type { Pod } from './pod.ts';
import { pods } from './resource.ts';
import { MemoryApi } from './testing/memory-api.ts';
import { livePod, testMetrics } from './testing/objects.ts';
import { settle, VirtualClock } from './testing/virtual-clock.ts';

/** Objects as somebody knows them who only hears the events. */
class Listener {
  readonly told: string[] = [];
  readonly known = new Map<string, Live<Pod>>();
  readonly mistakes: string[] = [];

  hear(event: Parameters<Parameters<Informer<Pod>['onEvent']>[0]>[0]): void {
    const key = keyOf(event.object);
    this.told.push(`${event.kind} ${event.object.metadata.name}`);
    const known = this.known.get(key);
    if ((event.kind === 'added') !== (known === undefined)) this.mistakes.push(`${event.kind} of ${key}`);
    if (event.kind !== 'added' && known?.metadata.uid !== event.object.metadata.uid) {
      this.mistakes.push(`${event.kind} of another ${key}`);
    }
    if (event.kind === 'deleted') this.known.delete(key);
    else this.known.set(key, event.object);
  }
}

async function setup(start: (api: MemoryApi, clock: VirtualClock) => void = () => {}, pageSize = 2) {
  const clock = new VirtualClock();
  const api = new MemoryApi(clock);
  const { metrics, registry } = testMetrics();
  start(api, clock);
  const stop = new AbortController();
  const informer = new Informer<Pod>({
    client: api.client(),
    resource: pods,
    indexes: {},
    log: silentLogger,
    metrics,
    clock,
    random: () => 0.5,
    tuning: { pageSize },
  });
  const listener = new Listener();
  informer.onEvent((event) => listener.hear(event));
  const running = informer.run(stop.signal);
  await settle();
  return {
    clock,
    api,
    informer,
    listener,
    registry,
    end: async () => {
      stop.abort();
      await clock.advance(0);
      await running;
    },
  };
}

const put = (api: MemoryApi, ...names: string[]) => {
  for (const name of names) api.put(livePod(name));
};

/** What a listener and the store should hold: what the server holds. */
const versions = (objects: Iterable<Live<Pod>>) =>
  [...objects].map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`).sort();

describe('a reflector', () => {
  it('lists in pages and then follows', async () => {
    const { api, clock, informer, listener, end } = await setup((server) =>
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
    const { api, clock, informer, end } = await setup((server) => {
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
    const { clock, informer, end } = await setup((server) => {
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
    const { api, clock, listener, registry, end } = await setup((server) => put(server, 'a', 'b'));
    await clock.advance(5000);
    api.endWatches(error);
    put(api, 'c');
    await clock.advance(40_000);
    expect(listener.told).toEqual(['added a', 'added b', 'added c']);
    expect(await registry.metrics()).toContain('reflector_lists_total{name="pods"} 1');
    await end();
  });

  it('lists again after a gap that the server no longer knows, and tells what was deleted in it', async () => {
    const { api, clock, listener, end } = await setup((server) => put(server, 'a', 'b', 'c'));
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
    const { api, clock, listener, end } = await setup((server) => put(server, 'a'));
    api.say('{"type":"ERROR","object":{"code":410,"reason":"Expired"}}\n');
    api.objects.delete('default/a');
    await clock.advance(5000);
    expect(listener.told).toEqual(['added a', 'deleted a']);
    await end();
  });

  it('opens the watch anew after nonsense, and lists again when the nonsense does not stop', async () => {
    const { api, clock, registry, informer, end } = await setup((server) => put(server, 'a'));
    for (let time = 0; time < 5; time++) {
      api.say('{"type":"ADDED","object":{}}\n');
      await clock.advance(30_000);
    }
    expect(await registry.metrics()).toContain('reflector_lists_total{name="pods"} 2');
    expect(informer.store.size).toBe(1);
    await end();
  });

  it('gives a watch up that has gone silent, and misses nothing', async () => {
    const { api, clock, listener, registry, end } = await setup((server) => put(server, 'a'));
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

  it('takes dripping bytes for silence', async () => {
    const { api, clock, registry, end } = await setup((server) => put(server, 'a'));
    for (let second = 0; second < 100; second++) {
      api.say(' ');
      await clock.advance(1000);
    }
    expect(await registry.metrics()).toContain('reason="stalled"} 1');
    await end();
  });

  it('waits as long as the server asks, and longer each time when it says nothing about it', async () => {
    const times: number[] = [];
    const { clock, end } = await setup((server, time) => {
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
    const { api, clock, registry, end } = await setup();
    api.before = (verb) => {
      if (verb === 'watch') void settle().then(() => api.endWatches());
    };
    api.endWatches();
    await clock.advance(60_000);
    const opened = /reflector_watches_total\{name="pods"\} (\d+)/.exec(await registry.metrics())?.[1];
    expect(Number(opened)).toBeLessThan(10);
    await end();
  });

  it('goes on when a handler throws, and tells the other handlers', async () => {
    const { api, clock, informer, listener, end } = await setup();
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

const trouble = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('put' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'reset' } as const,
      { kind: 'end' } as const,
      { kind: 'compact' } as const,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'gone' } as const,
      { kind: 'nonsense' } as const,
      { kind: 'half' } as const,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('outage' as const), calls: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(40_000) }) },
);
type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never;

function cause(api: MemoryApi, one: Exclude<Trouble, { kind: 'pass' }>): void {
  switch (one.kind) {
    case 'put':
      put(api, one.name);
      break;
    case 'remove':
      api.remove(`default/${one.name}`);
      break;
    case 'reset':
      api.endWatches(new Error('reset'));
      break;
    case 'end':
      api.endWatches();
      break;
    case 'compact':
      api.compact();
      break;
    case 'gone':
      api.say('{"type":"ERROR","object":{"code":410}}\n');
      break;
    case 'nonsense':
      api.say('<html>\n');
      break;
    case 'half':
      api.say('{"type":"MODIFIED","object":{"meta');
      api.endWatches();
      break;
    case 'outage': {
      let left = one.calls;
      api.before = () => {
        if (left-- > 0) throw new ApiError({ attempted: 'GET', code: 503 });
      };
    }
  }
}

it('ends up with what the server holds, told without contradiction, whatever goes wrong on the way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(trouble, { maxLength: 30 }), async (troubles) => {
      const { api, clock, informer, listener, end } = await setup((server) => put(server, 'a', 'b', 'c'));
      for (const one of troubles) {
        if (one.kind === 'pass') await clock.advance(one.ms);
        else cause(api, one);
      }
      await clock.advance(300_000);
      const server = versions(api.objects.values() as Iterable<Live<Pod>>);
      expect(versions(informer.store.list())).toEqual(server);
      expect(versions(listener.known.values())).toEqual(server);
      expect(listener.mistakes).toEqual([]);
      await end();
    }),
    { numRuns: 150 },
  );
}, 60_000);
