import { describe, expect, it } from 'vitest';
import {
  Controller,
  type ControllerOptions,
  done,
  type Reconcile,
  requeueAfter,
  TerminalError,
} from './controller.ts';
import { ApiError } from './errors.ts';
import { silentLogger } from './logger.ts';
import { testMetrics } from './testing/objects.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

function setup(reconcile: Reconcile, options: Partial<ControllerOptions> = {}) {
  const clock = new VirtualClock();
  const { metrics, registry } = testMetrics();
  const controller = new Controller({
    name: 'session',
    reconcile,
    log: silentLogger,
    metrics,
    clock,
    random: () => 0.999999,
    workers: 2,
    ...options,
  });
  const stop = new AbortController();
  const running = controller.run(stop.signal);
  const end = async () => {
    stop.abort();
    await clock.advance(20_000);
    return running;
  };
  return { clock, controller, registry, stop, end };
}

/** A reconcile that notes its calls and does what the next of `acts` says; the last one stays. */
function script(clock: () => VirtualClock, ...acts: (() => Promise<ReturnType<typeof requeueAfter>>)[]) {
  const calls: { readonly key: string; readonly at: number }[] = [];
  const reconcile: Reconcile = (key) => {
    calls.push({ key, at: clock().monotonic() });
    const act = acts.length > 1 ? acts.shift() : acts[0];
    return act?.() ?? Promise.resolve(done);
  };
  return { calls, reconcile };
}

const fails = (error: unknown) => async () => {
  throw error;
};
const succeeds = async () => done;

describe('a controller', () => {
  it('reconciles each key that is added', async () => {
    const { calls, reconcile } = script(() => clock, succeeds);
    const { clock, controller, registry, end } = setup(reconcile);
    for (const key of ['n/a', 'n/b', 'n/c', 'n/a']) controller.enqueue(key);
    await clock.advance(0);
    expect(calls.map(({ key }) => key)).toEqual(['n/a', 'n/b', 'n/c']);
    expect(await registry.metrics()).toContain(
      'controller_runtime_reconcile_total{controller="session",result="success"} 3',
    );
    await end();
  });

  it('looks again after the time that the reconcile asked for, or earlier on a change', async () => {
    const { calls, reconcile } = script(
      () => clock,
      async () => requeueAfter(1000),
      async () => requeueAfter(1000),
      succeeds,
    );
    const { clock, controller, end } = setup(reconcile);
    controller.enqueue('n/a');
    await clock.advance(1100);
    controller.enqueue('n/a');
    await clock.advance(5000);
    expect(calls.map(({ at }) => at)).toEqual([0, 1000, 1100]);
    await end();
  });

  it('repeats what failed with growing pauses, and tells the reconcile how often it did', async () => {
    const seen: number[] = [];
    const { clock, controller, registry, end } = setup(async (_key, { failures }) => {
      seen.push(failures);
      if (failures < 3) throw new Error('not yet');
      return done;
    });
    controller.enqueue('n/a');
    await clock.advance(5 + 10 + 20);
    expect(seen).toEqual([0, 1, 2, 3]);
    controller.enqueue('n/a');
    await clock.advance(0);
    expect(seen).toEqual([0, 1, 2, 3, 0]);
    expect(await registry.metrics()).toContain(
      'controller_runtime_reconcile_errors_total{controller="session"} 4',
    );
    await end();
  });

  it.each([
    { what: 'a TerminalError', error: new TerminalError('bad spec') },
    { what: 'a refusal for good', error: new ApiError({ attempted: 'POST', code: 422 }) },
  ])('waits for a change after $what', async ({ error }) => {
    const { calls, reconcile } = script(() => clock, fails(error), succeeds);
    const { clock, controller, registry, end } = setup(reconcile);
    controller.enqueue('n/a');
    await clock.advance(3_600_000);
    expect(calls).toHaveLength(1);
    controller.enqueue('n/a');
    await clock.advance(0);
    expect(calls).toHaveLength(2);
    expect(await registry.metrics()).toContain(
      'controller_runtime_terminal_reconcile_errors_total{controller="session"} 1',
    );
    await end();
  });

  it.each([
    { what: 'a conflict', error: new ApiError({ attempted: 'PUT', code: 409 }), after: 5 },
    {
      what: 'overload',
      error: new ApiError({ attempted: 'PUT', code: 429, retryAfterMs: 7000 }),
      after: 7000,
    },
    { what: 'a mistake of the program', error: new TypeError('undefined is not a function'), after: 5 },
    { what: 'something thrown that is no error', error: 'text', after: 5 },
  ])('comes back $after ms after $what', async ({ error, after }) => {
    const { calls, reconcile } = script(() => clock, fails(error), succeeds);
    const { clock, controller, end } = setup(reconcile);
    controller.enqueue('n/a');
    await clock.advance(after - 1);
    expect(calls).toHaveLength(1);
    await clock.advance(1);
    expect(calls).toHaveLength(2);
    await end();
  });

  it('outlives a reconcile that throws before it returns a promise', async () => {
    let calls = 0;
    const { clock, controller, registry, end } = setup((() => {
      calls += 1;
      throw new RangeError('at once');
    }) as unknown as Reconcile);
    controller.enqueue('n/a');
    await clock.advance(100);
    expect(calls).toBeGreaterThan(1);
    expect(await registry.metrics()).toMatch(/reconcile_panics_total\{controller="session"\} [1-9]/);
    await end();
  });

  it('never has two reconciles of one key, and sees what changed during one', async () => {
    const running = new Set<string>();
    let calls = 0;
    const { clock, controller, end } = setup(async (key) => {
      expect(running).not.toContain(key);
      running.add(key);
      calls += 1;
      await new Promise<void>((resolve) => clock.startTimer(100, resolve));
      running.delete(key);
      return done;
    });
    controller.enqueue('n/a');
    await clock.advance(50);
    controller.enqueue('n/a');
    await clock.advance(500);
    expect(calls).toBe(2);
    await end();
  });

  it('goes on with other keys when reconciles hang, but not with theirs', async () => {
    const calls: string[] = [];
    const signals: AbortSignal[] = [];
    const { clock, controller, registry, end } = setup(
      (key, { signal }) => {
        calls.push(key);
        signals.push(signal);
        return key === 'n/fine' ? Promise.resolve(done) : new Promise(() => {});
      },
      { deadlineMs: 1000 },
    );
    controller.enqueue('n/hangs');
    controller.enqueue('n/hangs-too');
    controller.enqueue('n/fine');
    await clock.advance(999);
    expect(calls).toEqual(['n/hangs', 'n/hangs-too']);
    await clock.advance(1);
    controller.enqueue('n/hangs');
    await clock.advance(60_000);
    expect(calls).toEqual(['n/hangs', 'n/hangs-too', 'n/fine']);
    expect(signals[0]?.aborted).toBe(true);
    const text = await registry.metrics();
    expect(text).toContain('controller_runtime_reconcile_timeouts_total{controller="session"} 2');
    expect(text).toContain('controller_runtime_active_workers{controller="session"} 0');
    expect(await end()).toBe(2);
  });

  it('ends when what had begun is over, and begins nothing more', async () => {
    const calls: string[] = [];
    let finished = 0;
    const { clock, controller, end } = setup(
      async (key, { signal }) => {
        calls.push(key);
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        finished += 1;
        throw new Error('aborted');
      },
      { workers: 1 },
    );
    controller.enqueue('n/a');
    controller.enqueue('n/b');
    await clock.advance(0);
    expect(await end()).toBe(0);
    expect([calls, finished]).toEqual([['n/a'], 1]);
  });

  it('works on nothing before its caches are there', async () => {
    const clock = new VirtualClock();
    const { metrics } = testMetrics();
    const calls: string[] = [];
    const reconcile: Reconcile = async (key) => {
      calls.push(key);
      return done;
    };
    const controller = new Controller({ name: 'c', reconcile, log: silentLogger, metrics, clock });
    const synced = Promise.withResolvers<void>();
    controller.watch({ onEvent: () => {}, synced: () => synced.promise } as never, () => []);
    controller.enqueue('n/a');
    const stop = new AbortController();
    const running = controller.run(stop.signal);
    await clock.advance(10_000);
    expect(calls).toEqual([]);
    synced.resolve();
    await clock.advance(0);
    expect(calls).toEqual(['n/a']);
    stop.abort();
    await clock.advance(20_000);
    await running;
  });
});
