import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InboxRig } from './testing/inbox-rig.ts';
import { aMessage } from './testing/scripted-page.ts';

const CHATS = ['5511911111111@c.us', '5511922222222@c.us', '120363025246125486@g.us'] as const;

/** What can happen; whether the page tells of it is chance. */
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('arrive' as const),
      chat: fc.integer({ min: 0, max: 2 }),
      count: fc.integer({ min: 1, max: 30 }),
      told: fc.constantFrom('all', 'none', 'last', 'twice'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('edit' as const), which: fc.nat(), told: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('revoke' as const), which: fc.nat(), told: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('react' as const), which: fc.nat(), told: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('fail' as const), times: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('drop' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 90_000 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The world as it really was: what the log must say in the end. */
class World {
  readonly rig = new InboxRig();
  readonly expected = new Map<string, string[]>(CHATS.map((chat) => [chat, []]));
  readonly ids: { readonly chat: string; readonly id: string; edits: number }[] = [];
  readonly changes = new Set<string>();
  #count = 0;

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'arrive':
        this.#arrive(CHATS[step.chat] ?? CHATS[0], step.count, step.told);
        return;
      case 'edit':
      case 'revoke':
      case 'react':
        this.#change(step.do, step.which, step.told);
        return;
      case 'crash':
        await this.rig.crash();
        this.rig.engine.connect();
        return;
      case 'fail':
        this.rig.page.failures = step.times;
        return;
      case 'drop':
        this.rig.engine.become('Disconnected', 'socket_lost');
        await this.rig.clock.advance(100);
        this.rig.engine.connect();
        return;
      case 'time':
        await this.rig.clock.advance(step.ms);
        return;
      case 'turn':
        await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #arrive(chat: string, count: number, told: 'all' | 'none' | 'last' | 'twice'): void {
    for (let n = 0; n < count; n++) {
      const message = aMessage(chat, ++this.#count);
      this.rig.page.add(message);
      this.expected.get(chat)?.push(message.id);
      this.ids.push({ chat, id: message.id, edits: 0 });
      const times = told === 'all' || (told === 'last' && n === count - 1) ? 1 : told === 'twice' ? 2 : 0;
      for (let time = 0; time < times; time++) this.rig.engine.tellMessage(message);
    }
  }

  #change(kind: 'edit' | 'revoke' | 'react', which: number, told: boolean): void {
    const target = this.ids[which % Math.max(this.ids.length, 1)];
    if (target === undefined) return;
    target.edits += 1;
    const at = this.rig.clock.now() + target.edits;
    if (kind === 'edit') this.rig.page.change(target.id, { body: 'edited', editedAt: at });
    if (kind === 'revoke') this.rig.page.change(target.id, { revoked: true, type: 'revoked' });
    if (kind === 'react') {
      this.rig.page.change(target.id, { reactions: [{ sender: target.chat, emoji: '👍', at }] });
    }
    this.changes.add(`${kind} ${target.id}`);
    if (told) this.rig.page.hint({ kind: 'changed', chatId: target.chat, messageId: target.id });
  }
}

const KINDS = { 'message.edited': 'edit', 'message.revoked': 'revoke', 'message.reaction': 'react' } as const;

it('whatever is told, lost, doubled or killed: every message once, in order, every change, ids without gaps', async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = new World();
      const { rig } = world;
      try {
        rig.engine.connect();
        for (const each of steps) await world.take(each);
        await rig.crash();
        for (let round = 0; round < 10; round++) {
          if (round === 0) rig.engine.connect();
          await rig.clock.advance(2000);
          await rig.quiet();
        }
        expect(rig.fatal).toEqual([]);
        const events = rig.events();
        expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
        for (const [chat, ids] of world.expected) {
          const got = events.filter((event) => event.type === 'message' && event.chat === chat);
          expect(got.map(({ message }) => message)).toEqual(ids);
        }
        const told = events.filter(({ type }) => type in KINDS);
        const identities = told.map(({ type, message, occurredAt }) =>
          type === 'message.revoked' ? `${type} ${message}` : `${type} ${message} ${occurredAt}`,
        );
        expect(new Set(identities).size).toBe(identities.length);
        expect(
          new Set(told.map(({ type, message }) => `${KINDS[type as keyof typeof KINDS]} ${message}`)),
        ).toEqual(world.changes);
        expect(rig.store.counters.total('inboundMessages')).toBe(world.ids.length);
        expect(rig.store.counters.total('events')).toBe(events.length);
        seen += world.ids.length;
      } finally {
        await rig.dispose();
      }
    }),
    { numRuns: 60 },
  );
  expect(seen).toBeGreaterThan(500);
}, 240_000);
