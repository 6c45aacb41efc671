import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WorkerCalls } from './calls.ts';
import type { ToWorker } from './protocol.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const posted: ToWorker[] = [];
  const calls = new WorkerCalls((message) => posted.push(message));
  return { calls, posted };
}

describe('a call into the worker', () => {
  test('is fulfilled with its answer', async () => {
    const { calls, posted } = setUp();
    const { answer, settled } = calls.begin('roundTrip', null, 1_000);
    calls.take({ kind: 'answer', id: posted[0]?.id ?? 0, value: true });
    expect(await answer).toBe(true);
    await settled;
  });

  test('rejects with what the worker says', async () => {
    const { calls, posted } = setUp();
    const { answer } = calls.begin('roundTrip', null, 1_000);
    calls.take({ kind: 'failure', id: posted[0]?.id ?? 0, error: 'no page' });
    await expect(answer).rejects.toMatchObject({ end: 'failed', message: 'roundTrip: no page' });
  });

  test('ends at its deadline, and is settled only when the worker is done with it', async () => {
    const { calls, posted } = setUp();
    const { answer, settled } = calls.begin('roundTrip', null, 1_000);
    let done = false;
    void settled.then(() => {
      done = true;
    });
    const rejected = expect(answer).rejects.toMatchObject({ end: 'deadline' });
    await vi.advanceTimersByTimeAsync(1_000);
    await rejected;
    expect(done).toBe(false);
    calls.take({ kind: 'answer', id: posted[0]?.id ?? 0, value: true });
    await settled;
  });

  test('ends when the worker is lost, and so does every later one', async () => {
    const { calls } = setUp();
    const { answer, settled } = calls.begin('roundTrip', null, 1_000);
    const rejected = expect(answer).rejects.toMatchObject({ end: 'lost' });
    calls.lose('gone');
    await rejected;
    await settled;
    await expect(calls.begin('observe', null, 1_000).answer).rejects.toMatchObject({ end: 'lost' });
  });

  test('an answer to a question that nobody asked changes nothing', () => {
    const { calls } = setUp();
    expect(() => calls.take({ kind: 'answer', id: 99, value: null })).not.toThrow();
  });
});
