import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ProcessorTime, parseTime, readBrowserTimes } from './browser-cpu.ts';

test.each([
  [
    '77 (chrome (gpu) x) S 1 77 77 0 -1 4194560 9 0 0 0 250 50 7 8 20 0 1 0 123456 1 2',
    { process: '77:123456', seconds: 3 },
  ],
  ['77 (cut off) S 1 77', undefined],
  ['', undefined],
])('reads %j', (line, time) => {
  expect(parseTime(line)).toEqual(time);
});

test('the sum never falls, whichever processes end and whoever gets their numbers', () => {
  const sum = new ProcessorTime();
  expect(sum.add([{ process: '1:10', seconds: 2 }])).toBe(2);
  expect(
    sum.add([
      { process: '1:10', seconds: 3 },
      { process: '2:20', seconds: 1 },
    ]),
  ).toBe(4);
  expect(sum.add([])).toBe(4);
  expect(sum.add([{ process: '1:99', seconds: 0.5 }])).toBe(4.5);
});

test('the time of a process of ours is seen', async () => {
  const child = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const exit = once(child, 'exit');
  try {
    const seen = async () =>
      (await readBrowserTimes()).find(({ process }) => process.startsWith(`${child.pid}:`));
    await expect.poll(async () => (await seen())?.seconds ?? 0, { timeout: 9000 }).toBeGreaterThan(0);
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
});
