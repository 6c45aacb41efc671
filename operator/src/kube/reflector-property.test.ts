import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ApiError } from './errors.ts';
import type { Live } from './objects.ts';
import type { Pod } from './pod.ts';
import { followMemory, put, versions } from './testing/follow.ts';
import type { MemoryApi } from './testing/memory-api.ts';

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
      const { api, clock, informer, listener, end } = await followMemory((server) =>
        put(server, 'a', 'b', 'c'),
      );
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
