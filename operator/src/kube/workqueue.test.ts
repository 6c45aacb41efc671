import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testMetrics } from './testing/objects.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { WorkQueue } from './workqueue.ts';

function setup() {
  const clock = new VirtualClock();
  const { metrics, registry } = testMetrics();
  const queue = new WorkQueue<string>({ name: 'test', metrics, clock, random: () => 0 });
  return { clock, queue, registry };
}

describe('a work queue', () => {
  it('gives a key once, however often it was added', async () => {
    const { queue } = setup();
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect(queue.length).toBe(2);
    expect([await queue.get(), await queue.get()]).toEqual(['a', 'b']);
    expect(queue.length).toBe(0);
  });

  it('keeps a key that is added during its work until the work is over', async () => {
    const { queue } = setup();
    queue.add('a');
    await queue.get();
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await queue.get()).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  it('hands an added key to whoever waits', async () => {
    const { queue } = setup();
    const first = queue.get();
    const second = queue.get();
    queue.add('a');
    queue.add('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  it('gives what is new before the initial list, and raises a key of the list that changes', async () => {
    const { queue } = setup();
    for (const key of ['a', 'b', 'c']) queue.add(key, 'low');
    queue.add('new');
    queue.add('c');
    const order = [];
    while (queue.length > 0) order.push(await queue.get());
    expect(order).toEqual(['new', 'c', 'a', 'b']);
  });

  it('does not lower a key that waits with normal priority', async () => {
    const { queue } = setup();
    queue.add('a');
    queue.add('a', 'low');
    queue.add('b');
    expect([await queue.get(), await queue.get()]).toEqual(['a', 'b']);
  });

  it('keeps the earlier of two times', async () => {
    const { queue, clock } = setup();
    queue.addAfter('a', 50);
    queue.addAfter('a', 10);
    queue.addAfter('a', 90);
    await clock.advance(9);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
    await queue.get();
    queue.done('a');
    await clock.advance(1000);
    expect(queue.length).toBe(0);
  });

  it('takes a time back when the key is worked on before it', async () => {
    const { queue, clock } = setup();
    queue.addAfter('a', 50);
    queue.add('a');
    await queue.get();
    queue.done('a');
    await clock.advance(100);
    expect(queue.length).toBe(0);
    expect(queue.scheduled).toBe(0);
  });

  it('keeps a time that is set during the work', async () => {
    const { queue, clock } = setup();
    queue.add('a');
    await queue.get();
    queue.addAfter('a', 20);
    await clock.advance(20);
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await queue.get()).toBe('a');
  });

  it.each([
    { after: Number.NaN, what: 'NaN' },
    { after: 0, what: 'zero' },
    { after: -5, what: 'a negative time' },
  ])('adds at once after $what', ({ after }) => {
    const { queue } = setup();
    queue.addAfter('a', after);
    expect(queue.length).toBe(1);
  });

  it('waits longer with each failure up to the cap, and short again after success', async () => {
    const { clock } = setup();
    const { metrics } = testMetrics();
    const backoff = { firstMs: 8, capMs: 100 };
    const queue = new WorkQueue<string>({ name: 'test', metrics, clock, backoff, random: () => 0.999999 });
    const waits = [];
    for (let failure = 0; failure < 7; failure++) {
      if (failure === 6) queue.forget('a');
      queue.addRateLimited('a');
      const from = clock.monotonic();
      while (queue.length === 0) await clock.advance(1);
      waits.push(clock.monotonic() - from);
      await queue.get();
      queue.done('a');
    }
    expect(waits).toEqual([8, 16, 32, 64, 100, 100, 8]);
  });

  it('waits for what the server asked for when that is longer', async () => {
    const { queue, clock } = setup();
    queue.addRateLimited('a', 5000);
    await clock.advance(4999);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
  });

  it('gives out what waits after shutdown, takes nothing more, and lets go of who waits', async () => {
    const { queue, clock } = setup();
    queue.add('a');
    queue.addAfter('later', 10);
    queue.shutDown();
    queue.add('b');
    expect(await queue.get()).toBe('a');
    queue.done('a');
    expect(await queue.get()).toBeUndefined();
    await clock.advance(100);
    expect(queue.length).toBe(0);
    expect(clock.pendingTimers).toBe(0);

    const other = setup().queue;
    const waiting = other.get();
    other.shutDown();
    expect(await waiting).toBeUndefined();
  });

  it('tells depth, waiting time and work in progress under the names of client-go', async () => {
    const { queue, clock, registry } = setup();
    queue.add('a');
    queue.add('b', 'low');
    await clock.advance(2000);
    await queue.get();
    await clock.advance(3000);
    const text = await registry.metrics();
    expect(text).toContain('workqueue_depth{name="test",controller="test",priority="low"} 1');
    expect(text).toContain('workqueue_depth{name="test",controller="test",priority="normal"} 0');
    expect(text).toContain('workqueue_adds_total{name="test",controller="test"} 2');
    expect(text).toContain('workqueue_queue_duration_seconds_sum{name="test",controller="test"} 2');
    expect(text).toContain('workqueue_longest_running_processor_seconds{name="test",controller="test"} 3');
    queue.done('a');
    expect(await registry.metrics()).toContain(
      'workqueue_work_duration_seconds_sum{name="test",controller="test"} 3',
    );
  });
});

type Command =
  | { readonly kind: 'add'; readonly key: string; readonly low: boolean }
  | { readonly kind: 'addAfter'; readonly key: string; readonly ms: number }
  | { readonly kind: 'fail'; readonly key: string }
  | { readonly kind: 'take' }
  | { readonly kind: 'done'; readonly index: number }
  | { readonly kind: 'pass'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c', 'd');
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), key, low: fc.boolean() }),
  fc.record({ kind: fc.constant('addAfter' as const), key, ms: fc.integer({ min: 0, max: 50 }) }),
  fc.record({ kind: fc.constant('fail' as const), key }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('done' as const), index: fc.nat(3) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 60 }) }),
);

/** A queue under play, and the ledger of what it owes: keys that somebody must get, and from when on. */
class Play {
  readonly #world = setup();
  readonly #held: string[] = [];
  readonly #owed = new Map<string, number>();

  async run(commands: readonly Command[]): Promise<void> {
    const { queue, clock } = this.#world;
    for (const one of commands) {
      await this.#perform(one);
      expect(queue.length).toBe(this.#dueAndFree());
    }
    await clock.advance(400_000);
    while (this.#held.length > 0 || queue.length > 0) {
      if (queue.length > 0) await this.#take();
      else this.#giveBack(0);
    }
    expect([...this.#owed.keys()]).toEqual([]);
    expect(queue.scheduled).toBe(0);
  }

  async #perform(command: Command): Promise<void> {
    const { queue, clock } = this.#world;
    switch (command.kind) {
      case 'add':
        queue.add(command.key, command.low ? 'low' : 'normal');
        this.#owe(command.key, 0);
        break;
      case 'addAfter':
        queue.addAfter(command.key, command.ms);
        this.#owe(command.key, command.ms);
        break;
      case 'fail':
        queue.addRateLimited(command.key);
        // Drawn as 0 there remains the fixed half of 5 ms, doubled.
        this.#owe(command.key, Math.min(150_000, 2.5 * 2 ** (queue.failures(command.key) - 1)));
        break;
      case 'take':
        if (queue.length > 0) await this.#take();
        break;
      case 'done':
        this.#giveBack(command.index);
        break;
      case 'pass':
        await clock.advance(command.ms);
    }
  }

  #owe(name: string, after: number): void {
    const at = this.#world.clock.monotonic() + after;
    this.#owed.set(name, Math.min(at, this.#owed.get(name) ?? Number.POSITIVE_INFINITY));
  }

  async #take(): Promise<void> {
    const name = (await this.#world.queue.get()) as string;
    expect(this.#held).not.toContain(name);
    // Nothing comes that nobody asked for, and nothing before its time.
    expect(this.#owed.get(name)).toBeLessThanOrEqual(this.#world.clock.monotonic());
    this.#owed.delete(name);
    this.#held.push(name);
  }

  #giveBack(index: number): void {
    const [name] = this.#held.splice(index % this.#held.length, 1);
    if (name !== undefined) this.#world.queue.done(name);
  }

  #dueAndFree(): number {
    const now = this.#world.clock.monotonic();
    return [...this.#owed].filter(([name, at]) => at <= now && !this.#held.includes(name)).length;
  }
}

describe('any sequence of calls', () => {
  it('gives every key that was added, at its time, to one worker at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 60 }), (commands) => new Play().run(commands)),
      { numRuns: 200 },
    );
  }, 60_000);
});
