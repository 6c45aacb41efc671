import fc from 'fast-check';
import { expect, it } from 'vitest';
import { settle } from '../outbox/testing/virtual-clock.ts';
import type { AttemptResult } from './judge.ts';
import { OK, refuses, silence, WebhookRig } from './testing/webhook-rig.ts';

const CHATS = ['a', 'b', 'c'] as const;
type Mood = 'well' | 'down' | 'moody' | 'hangs';

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      chat: fc.constantFrom(...CHATS),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('mood' as const),
      mood: fc.constantFrom<Mood>('well', 'down', 'moody', 'hangs'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A webhook with a receiver of changing moods. */
class World {
  readonly rig = new WebhookRig({ maxAttempts: 1_000_000, retryForMs: Number.MAX_SAFE_INTEGER });
  mood: Mood = 'well';
  readonly #dice: fc.Stream<number>;

  constructor(dice: fc.Stream<number>) {
    this.#dice = dice;
    this.rig.answer = () => this.#answer();
    this.rig.create();
  }

  #answer(): AttemptResult | Promise<AttemptResult> {
    switch (this.mood) {
      case 'well':
        return OK;
      case 'down':
        return silence;
      case 'hangs':
        return new Promise(() => undefined);
      case 'moody': {
        const die = this.#dice.next().value ?? 0;
        if (die < 4) return OK;
        return die < 7 ? refuses(500) : silence;
      }
    }
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'add':
        for (let n = 0; n < step.count; n++) this.rig.add(step.chat);
        return;
      case 'mood':
        this.mood = step.mood;
        return;
      case 'crash':
        await this.rig.crash();
        return;
      case 'time':
        await this.rig.clock.advance(step.ms);
        return;
      case 'turn':
        await settle();
    }
  }

  /** Nothing counts as done, in memory or on disk, that was not answered with 2xx. */
  checkCursor(): void {
    const accepted = new Set(this.rig.got());
    const { deliveredTo } = this.rig.webhooks.get('crm');
    for (let id = 1; id <= deliveredTo; id++) expect(accepted.has(id)).toBe(true);
    const rows = this.rig.store.database.prepare('SELECT event FROM webhook_cursors').all();
    for (const row of rows) expect(accepted.has(Number(row['event']))).toBe(true);
  }

  checkComplete(): void {
    const { last } = this.rig.log.bounds;
    const seen = [...new Set(this.rig.got())].sort((a, b) => a - b);
    expect(seen).toEqual(Array.from({ length: last }, (_, n) => n + 1));
    for (const chat of CHATS) {
      const ofChat = this.rig.accepted.filter((each) => each.chat === chat);
      const order = [...new Set(ofChat.map(({ sequence }) => sequence))];
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    expect(this.rig.webhooks.doneWith()).toBe(last);
    expect(this.rig.fatal).toEqual([]);
  }
}

it('whatever the receiver does and whenever the process dies: all of it, in order per chat, the cursor never ahead', async () => {
  let repeated = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.infiniteStream(fc.nat({ max: 9 })),
      async (steps, dice) => {
        const world = new World(dice);
        try {
          for (const each of steps) {
            await world.take(each);
            world.checkCursor();
          }
          world.mood = 'well';
          await world.rig.crash();
          await world.rig.clock.advance(700_000);
          world.checkCursor();
          world.checkComplete();
          repeated += world.rig.got().length - new Set(world.rig.got()).size;
        } finally {
          await world.rig.dispose();
        }
      },
    ),
    { numRuns: 60 },
  );
  // Some were delivered and not written down: that is where the cursor could have been ahead.
  expect(repeated).toBeGreaterThan(0);
}, 240_000);
