import { expect, test } from 'vitest';
import { listProcesses, listProcessesNow, parseStat } from './process-table.ts';

test.each([
  ['1234 (node) S 1 1234 1234 0 -1', { pid: 1234, parent: 1, group: 1234, zombie: false }],
  ['12 (a (strange) name) R 7 9 9 0', { pid: 12, parent: 7, group: 9, zombie: false }],
  ['12 (two\nlines) S 7 9 9 0', { pid: 12, parent: 7, group: 9, zombie: false }],
  ['12 (gone) Z 7 9 9 0', { pid: 12, parent: 7, group: 9, zombie: true }],
  ['', undefined],
])('reads %j', (line, entry) => {
  expect(parseStat(line)).toEqual(entry);
});

test('both ways of listing find this process and its parent', async () => {
  for (const entries of [await listProcesses(), listProcessesNow()]) {
    const own = entries.find(({ pid }) => pid === process.pid);
    expect(own).toMatchObject({ parent: process.ppid, zombie: false });
    expect(entries.map(({ pid }) => pid)).toContain(process.ppid);
  }
});
