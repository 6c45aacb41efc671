import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Timetable } from './timetable.ts';

// More set than taken, so that the table grows and its order matters.
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('set' as const), key: fc.nat(40), at: fc.nat(1000) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const), now: fc.nat(1000) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Does one step to the table and to a plain map, and compares. */
function perform(one: Step, table: Timetable<number>, model: Map<number, number>): void {
  switch (one.kind) {
    case 'set':
      table.setEarliest(one.key, one.at);
      model.set(one.key, Math.min(one.at, model.get(one.key) ?? Number.POSITIVE_INFINITY));
      break;
    case 'delete':
      table.delete(one.key);
      model.delete(one.key);
      break;
    case 'take': {
      const first = Math.min(...model.values());
      const key = table.takeDue(one.now);
      expect(key === undefined ? undefined : model.get(key)).toBe(first > one.now ? undefined : first);
      if (key !== undefined) model.delete(key);
    }
  }
  expect(table.next ?? Number.POSITIVE_INFINITY).toBe(Math.min(...model.values()));
  expect(table.size).toBe(model.size);
}

it('knows the earliest time of each key and gives them in order, whatever is set and taken back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const table = new Timetable<number>();
      const model = new Map<number, number>();
      for (const one of steps) perform(one, table, model);
      const rest = [...model].map(() => model.get(table.takeDue(1000) ?? -1));
      expect(rest).toEqual([...model.values()].sort((a, b) => a - b));
    }),
  );
});
