import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SendOutcome } from './engine.ts';
import { SendQueue } from './send-queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const inserted: SendOutcome = { kind: 'inserted', ack: 0 };

function turn() {
  const outcome = Promise.withResolvers<SendOutcome>();
  const settled = Promise.withResolvers<void>();
  return { outcome, settled, turn: { outcome: outcome.promise, settled: settled.promise } };
}

describe('sends', () => {
  test('to several chats are under way at once, and no more than sixteen', async () => {
    const queue = new SendQueue();
    const turns = Array.from({ length: 18 }, turn);
    const begun: number[] = [];
    for (const [index, one] of turns.entries()) {
      void queue.add(`chat ${index}`, `${index}`, 1_000, () => {
        begun.push(index);
        return one.turn;
      });
    }
    expect(begun).toHaveLength(16);
    turns[3]?.settled.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun.slice(16)).toEqual([16]);
  });

  test('of one chat begin one after the other, each when the one before has really ended', async () => {
    const queue = new SendQueue();
    const [first, second] = [turn(), turn()];
    const begun: string[] = [];
    const noting = (name: string, { turn }: typeof first) => {
      return () => {
        begun.push(name);
        return turn;
      };
    };
    const one = queue.add('chat', 'a', 1_000, noting('a', first));
    const two = queue.add('chat', 'b', 1_000, noting('b', second));
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a']);
    first.outcome.resolve({ kind: 'ambiguous', cause: 'timeout', detail: '' });
    expect((await one).kind).toBe('ambiguous');
    expect(begun).toEqual(['a']);
    expect(queue.isUnderWay('a')).toBe(true);
    first.settled.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a', 'b']);
    expect(queue.isUnderWay('a')).toBe(false);
    second.outcome.resolve(inserted);
    second.settled.resolve();
    expect(await two).toEqual(inserted);
  });

  test('one whose turn does not come in time was never begun, and never will be', async () => {
    const queue = new SendQueue();
    const first = turn();
    void queue.add('chat', 'a', 1_000, () => first.turn);
    let begun = false;
    const late = queue.add('chat', 'b', 500, () => {
      begun = true;
      return turn().turn;
    });
    await vi.advanceTimersByTimeAsync(500);
    expect((await late).kind).toBe('not_begun');
    first.settled.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toBe(false);
  });

  test('one that waited gets what is left of its time', async () => {
    const queue = new SendQueue();
    const first = turn();
    void queue.add('chat', 'a', 1_000, () => first.turn);
    let left = 0;
    void queue.add('chat', 'b', 1_000, (ms) => {
      left = ms;
      return turn().turn;
    });
    await vi.advanceTimersByTimeAsync(300);
    first.settled.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(left).toBe(700);
  });
});
