import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { findBrowserGroups, killGroup, listProcesses } from './process-tree.ts';

/** A process group of two that pretends to be a browser: the argument is all that it is recognised by. */
async function startPretender(profile: string) {
  const child = spawn(
    '/bin/sh',
    ['-c', 'sleep 60 & echo up; wait', 'pretender', `--user-data-dir=${profile}`],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  await once(child.stdout, 'data');
  return child;
}

test('finds the group that was started with exactly this profile, and kills all of it', async () => {
  const profile = `/nowhere/${process.pid}/profile`;
  const wanted = await startPretender(profile);
  const other = await startPretender(`${profile}-of-another`);
  try {
    expect(await findBrowserGroups(profile)).toEqual([wanted.pid]);
    expect(await killGroup(wanted.pid ?? 0, 5_000)).toBe(true);
    const living = (await listProcesses()).filter(({ group, zombie }) => group === wanted.pid && !zombie);
    expect(living).toEqual([]);
    expect(await findBrowserGroups(profile)).toEqual([]);
    expect(await findBrowserGroups(`${profile}-of-another`)).toEqual([other.pid]);
  } finally {
    await killGroup(other.pid ?? 0, 5_000);
  }
});

test('a group that is gone already is as good as killed', async () => {
  expect(await killGroup(4_000_000, 1_000)).toBe(true);
});
