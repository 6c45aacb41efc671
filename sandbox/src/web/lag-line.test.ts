import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LagLine, type LineState } from './lag-line.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function makeLine() {
  const delivered: string[] = [];
  const box = { state: { kind: 'open' } as LineState };
  const line = new LagLine<string>(
    () => box.state,
    (frame) => delivered.push(frame),
  );
  return { box, line, delivered };
}

test('an open line delivers at once', () => {
  const { line, delivered } = makeLine();
  line.push('a');
  expect(delivered).toEqual(['a']);
});

test('a slow line delivers late and in order', () => {
  const { box, line, delivered } = makeLine();
  box.state = { kind: 'slow', ms: 100 };
  line.push('a');
  vi.advanceTimersByTime(60);
  line.push('b');
  vi.advanceTimersByTime(60);
  expect(delivered).toEqual(['a']);
  vi.advanceTimersByTime(40);
  expect(delivered).toEqual(['a', 'b']);
});

test('frames on a line that turned quick wait for the slow ones before them', () => {
  const { box, line, delivered } = makeLine();
  box.state = { kind: 'slow', ms: 100 };
  line.push('a');
  box.state = { kind: 'open' };
  line.push('b');
  expect(delivered).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(delivered).toEqual(['a', 'b']);
});

test('a blackhole holds everything back, and lets it through in order when it ends', () => {
  const { box, line, delivered } = makeLine();
  box.state = { kind: 'blackhole' };
  line.push('a');
  vi.advanceTimersByTime(10_000);
  expect(delivered).toEqual([]);
  box.state = { kind: 'open' };
  line.push('b');
  vi.advanceTimersByTime(100);
  expect(delivered).toEqual(['a', 'b']);
});

test('a stopped line delivers nothing more', () => {
  const { box, line, delivered } = makeLine();
  box.state = { kind: 'slow', ms: 100 };
  line.push('a');
  line.stop();
  vi.advanceTimersByTime(200);
  expect(delivered).toEqual([]);
});
