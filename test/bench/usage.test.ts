import { expect, it } from 'vitest';
import { busyPercent, median, parseCpuSeconds, parseMachineTime, parseMemory, table } from './usage.ts';

it('reads processor time behind a name with brackets and blanks', () => {
  const stat = '7 (a) b) c) S 1 7 7 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 11 0 1 2 3';
  expect(parseCpuSeconds(stat)).toBe(3);
});

it('reads RSS and PSS, and not the finer PSS lines', () => {
  const rollup = 'aa-bb ---p 0 00:00 0 [rollup]\nRss:    2048 kB\nPss_Dirty:   5 kB\nPss:    1024 kB\n';
  expect(parseMemory(rollup)).toEqual({ rssMiB: 2, pssMiB: 1 });
});

it('counts neither idling nor waiting for a disk as busy, nor guests twice', () => {
  const earlier = parseMachineTime('cpu  10 0 10 100 20 0 0 0 5 0\ncpu0 1 1 1 1');
  const later = parseMachineTime('cpu  30 0 20 150 40 0 0 0 9 0\ncpu0 1 1 1 1');
  expect(busyPercent(earlier, later)).toBe(30);
});

it('takes the middle of an odd count, and the mean of the middle two of an even one', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
  expect(median([7])).toBe(7);
});

it('writes a table that Markdown reads', () => {
  expect(table(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |');
});
