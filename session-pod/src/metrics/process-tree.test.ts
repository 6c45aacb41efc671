import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  descendants,
  killDescendants,
  parseStat,
  readBrowserMemory,
  readDescendants,
} from './process-tree.ts';

test.each([
  ['1234 (node) S 1 1234 1234 0 -1', { pid: 1234, parent: 1, group: 1234 }],
  ['12 (a (strange) name) R 7 9 9 0', { pid: 12, parent: 7, group: 9 }],
  ['12 (two\nlines) S 7 9 9 0', { pid: 12, parent: 7, group: 9 }],
])('reads %j', (line, entry) => {
  expect(parseStat(line)).toEqual(entry);
});

test('what left the tree and kept the group belongs to it; the own group does not', () => {
  const entries = [
    { pid: 10, parent: 1, group: 10 },
    { pid: 11, parent: 10, group: 11 },
    { pid: 12, parent: 11, group: 11 },
    { pid: 13, parent: 1, group: 11 },
    { pid: 14, parent: 1, group: 10 },
    { pid: 15, parent: 1, group: 15 },
  ];
  expect(descendants(10, entries).map(({ pid }) => pid)).toEqual([11, 12, 13]);
});

test('a browser in a group of its own is found, measured and ended', async () => {
  const child = spawn('sh', ['-c', 'sleep 60 & sleep 60'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  const exit = once(child, 'exit');
  await expect
    .poll(() => readDescendants().filter(({ group }) => group === child.pid).length, { timeout: 5000 })
    .toBe(3);
  const memory = await readBrowserMemory();
  expect(memory?.processes).toBeGreaterThanOrEqual(3);
  expect(memory?.bytes).toBeGreaterThan(0);
  killDescendants();
  expect(await exit).toEqual([null, 'SIGKILL']);
});
