import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readContainerMemory } from './container-memory.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cgroup-'));
});
afterEach(() => rm(folder, { recursive: true }));

const stat = 'anon 700\nfile 300\ninactive_anon 9\ninactive_file 200\nactive_file 100\n';

test.each([
  [
    'a limit',
    { 'memory.current': '1000\n', 'memory.max': '4096\n', 'memory.stat': stat },
    { workingSet: 800, limit: 4096 },
  ],
  [
    'no limit',
    { 'memory.current': '1000\n', 'memory.max': 'max\n', 'memory.stat': stat },
    { workingSet: 800, limit: undefined },
  ],
  ['the root of all groups, which has no usage', { 'memory.stat': stat }, undefined],
  ['nothing that can be read', { 'memory.current': '1000\n' }, undefined],
])('with %s', async (_what, files, memory) => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  expect(await readContainerMemory(folder)).toEqual(memory);
});
