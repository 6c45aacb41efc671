import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNotLeader } from './errors.ts';
import { LeaderElector } from './leader.ts';
import { silentLogger } from './logger.ts';
import type { Lease, Live } from './objects.ts';
import { Contestant, type Weather } from './testing/contestant.ts';
import { MemoryApi } from './testing/memory-api.ts';
import { testMetrics } from './testing/objects.ts';
import { settle, VirtualClock } from './testing/virtual-clock.ts';

const calm: Weather = { delayMs: 5, answerMs: 5, answerLost: false };

function setup(skews: readonly number[], weather: () => Weather = () => calm) {
  const world = new VirtualClock();
  const api = new MemoryApi(world);
  const contestants = skews.map(
    (skew, index) => new Contestant(`p${index}`, world, api.client(), skew, weather),
  );
  return { world, api, contestants };
}

const leaders = (contestants: readonly Contestant[]) =>
  contestants.flatMap((contestant, index) => (contestant.isLeader() ? [index] : []));

async function endAll(world: VirtualClock, contestants: readonly Contestant[]) {
  const ends = contestants.map((contestant) => contestant.end());
  await world.advance(60_000);
  await Promise.all(ends);
}

describe('leader election', () => {
  it('makes one of several the leader, which stays it', async () => {
    const { world, api, contestants } = setup([0, 0, 0]);
    await world.advance(5000);
    const [first] = leaders(contestants);
    await world.advance(600_000);
    expect(leaders(contestants)).toEqual([first]);
    const lease = api.objects.get('default/leader') as Live<Lease>;
    expect(lease.spec.leaseTransitions).toBe(0);
    await endAll(world, contestants);
  });

  it('hands over within the retry time when the leader ends in order', async () => {
    const { world, contestants } = setup([0, 0]);
    await world.advance(5000);
    const [leader = 0] = leaders(contestants);
    const ending = contestants[leader]?.end();
    await world.advance(50);
    await ending;
    await world.advance(2500);
    expect(leaders(contestants)).toEqual([1 - leader]);
    await endAll(world, contestants);
  });

  it('takes over when the leader is stopped, which is no leader any more when it goes on', async () => {
    const { world, contestants } = setup([0, 0]);
    await world.advance(5000);
    const [leader = 0] = leaders(contestants);
    contestants[leader]?.clock.setPaused(true);
    await world.advance(20_000);
    expect(leaders(contestants)).toEqual([1 - leader]);
    // Before any of its timers fires.
    expect(contestants[leader]?.isLeader()).toBe(false);
    contestants[leader]?.clock.setPaused(false);
    expect(leaders(contestants)).toEqual([1 - leader]);
    await world.advance(60_000);
    expect(leaders(contestants)).toEqual([1 - leader]);
    await endAll(world, contestants);
  });

  it('counts its time from when it asked, not from when it heard the answer', async () => {
    const { world, api, contestants } = setup([0, 0]);
    await world.advance(5000);
    const [leader = 0] = leaders(contestants);
    // Stopped between the renewal that took effect and its answer.
    api.after = () => {
      api.after = () => {};
      contestants[leader]?.clock.setPaused(true);
    };
    await world.advance(16_000);
    contestants[leader]?.clock.setPaused(false);
    for (let passed = 0; passed < 10_000; passed += 100) {
      await world.advance(100);
      expect(leaders(contestants).length).toBeLessThanOrEqual(1);
    }
    expect(leaders(contestants)).toEqual([1 - leader]);
    await endAll(world, contestants);
  });

  it.each([
    { what: 'a day behind', skew: -86_400_000 },
    { what: 'a day ahead', skew: 86_400_000 },
  ])('does not mind a standby whose clock is $what', async ({ skew }) => {
    const { world, contestants } = setup([0, skew]);
    await world.advance(100);
    const [first] = leaders(contestants);
    await world.advance(600_000);
    expect(leaders(contestants)).toEqual([first]);
    await endAll(world, contestants);
  });

  it('stays the leader through a short outage of the API server, and is none after a long one', async () => {
    let away = false;
    const { world, contestants } = setup([0], () => ({
      delayMs: away ? 3_600_000 : 5,
      answerMs: 5,
      answerLost: false,
    }));
    await world.advance(5000);
    away = true;
    await world.advance(5000);
    away = false;
    await world.advance(5000);
    expect(leaders(contestants)).toEqual([0]);
    away = true;
    await world.advance(13_000);
    expect(leaders(contestants)).toEqual([]);
    await endAll(world, contestants);
  });

  it('waits for the holder it knew when somebody deletes the Lease', async () => {
    const { world, api, contestants } = setup([0, 0]);
    await world.advance(5000);
    const [leader = 0] = leaders(contestants);
    contestants[leader]?.clock.setPaused(true);
    api.remove('default/leader');
    await world.advance(9000);
    expect(leaders(contestants).length).toBeLessThanOrEqual(1);
    expect(api.objects.has('default/leader')).toBe(false);
    contestants[leader]?.clock.setPaused(false);
    await endAll(world, contestants);
  });

  it('says who may write by throwing', async () => {
    const world = new VirtualClock();
    const { metrics, registry } = testMetrics();
    const client = new MemoryApi(world).client();
    const elector = new LeaderElector({
      client,
      namespace: 'default',
      name: 'l',
      log: silentLogger,
      metrics,
      clock: world,
    });
    expect(() => elector.fence()).toThrow('does not lead');
    const told: string[] = [];
    const stop = new AbortController();
    const running = elector.run(stop.signal, {
      onElected: () => told.push('elected'),
      onLost: (why) => told.push(why),
    });
    await world.advance(10);
    expect(() => elector.fence()).not.toThrow();
    expect(await registry.metrics()).toContain('leader_election_master_status{name="l"} 1');
    world.jump(10_000);
    try {
      elector.fence();
      expect.unreachable();
    } catch (error) {
      expect(isNotLeader(error)).toBe(true);
    }
    await world.advance(3000);
    await running;
    expect(told).toEqual(['elected', 'the lease was not renewed in time']);
    expect(await registry.metrics()).toContain('leader_election_master_status{name="l"} 0');
    stop.abort();
  });

  it('refuses times that cannot work', () => {
    const { metrics } = testMetrics();
    const client = new MemoryApi(new VirtualClock()).client();
    const times = { leaseMs: 10_000, renewDeadlineMs: 10_000 };
    const options = { client, namespace: 'default', name: 'l', log: silentLogger, metrics, ...times };
    expect(() => new LeaderElector(options)).toThrow(RangeError);
  });
});

const contestant = fc.nat(2);
const mishap = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 100, max: 20_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause' as const), who: contestant }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resume' as const), who: contestant }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), who: contestant }) },
);
const weather = fc.record({
  delayMs: fc.oneof({ weight: 4, arbitrary: fc.nat(500) }, { weight: 1, arbitrary: fc.nat(20_000) }),
  answerMs: fc.oneof({ weight: 4, arbitrary: fc.nat(500) }, { weight: 1, arbitrary: fc.nat(20_000) }),
  answerLost: fc.oneof(
    { weight: 4, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});
const skew = fc.integer({ min: -86_400_000, max: 86_400_000 });

it('never has two leaders, whatever the network, the clocks and stopped processes do; and has one when they are well', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(skew, skew, skew),
      fc.array(mishap, { maxLength: 25 }),
      fc.array(weather, { minLength: 1, maxLength: 30 }),
      async (skews, mishaps, weathers) => {
        let calls = 0;
        let over = false;
        const { world, contestants } = setup(skews, () =>
          over ? calm : (weathers[calls++ % weathers.length] ?? calm),
        );
        const pass = async (ms: number) => {
          for (let passed = 0; passed < ms; passed += 500) {
            await world.advance(Math.min(500, ms - passed));
            // Stopped ones included: any of them may go on in just this moment.
            expect(leaders(contestants).length).toBeLessThanOrEqual(1);
          }
        };
        const restarts: Promise<void>[] = [];
        for (const one of mishaps) {
          if (one.kind === 'pass') await pass(one.ms);
          else if (one.kind === 'restart')
            restarts.push(contestants[one.who]?.restart() ?? Promise.resolve());
          else contestants[one.who]?.clock.setPaused(one.kind === 'pause');
          await settle();
          expect(leaders(contestants).length).toBeLessThanOrEqual(1);
        }
        over = true;
        for (const one of contestants) one.clock.setPaused(false);
        await pass(60_000);
        expect(leaders(contestants)).toHaveLength(1);
        await Promise.all(restarts);
        await endAll(world, contestants);
      },
    ),
    { numRuns: 100 },
  );
}, 120_000);
