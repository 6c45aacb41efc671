import { execFile } from 'node:child_process';
import { cp, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  closeAll,
  EngineUnderTest,
  endSessions,
  kindsOf,
  linkedFolder,
  newFolder,
  newSandbox,
  until,
} from './support/engine-under-test.ts';

const run = promisify(execFile);

let sandbox: TestSandbox;
let volume: string;
let number: string;

beforeAll(async () => {
  sandbox = await newSandbox();
  const linked = await linkedFolder(sandbox);
  number = linked.number;
  // A filesystem of its own: only that is ever full. Needs root, as the tests on a cluster do.
  volume = await newFolder();
  await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', volume]);
  await cp(linked.folder, volume, { recursive: true });
});
afterEach(async () => {
  await endSessions();
  await sandbox.client.call('clearFaults', { query: {} });
});
afterAll(async () => {
  await closeAll().catch(() => undefined);
  await run('umount', ['-l', volume]);
  await rm(volume, { recursive: true, force: true });
});

const ballast = () => join(volume, 'ballast');

async function fill(leaveBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(volume);
  await writeFile(ballast(), Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes), 1));
}

test('a volume that is full at the start: storage_error, live, and Connected once there is room', async () => {
  await fill(1024 * 1024);
  const session = new EngineUnderTest(sandbox, volume, { deadlines: { gentleMaxMs: 1_000 } });
  session.engine.start();
  await session.told('storage_error');
  expect(session.engine.snapshot).toMatchObject({ state: 'Starting', live: true });
  await rm(ballast());
  await session.reach('Connected');
  await session.engine.stop(8_000);
});

test('a volume that fills up while connected: storage_error, nothing falsely said, everything well with room', async () => {
  const session = new EngineUnderTest(sandbox, volume, { deadlines: { gentleMaxMs: 1_000 } });
  session.engine.start();
  await session.reach('Connected');
  await fill(0);
  const ids: string[] = [];
  while (!session.story().some((line) => line.includes('storage_error')) && ids.length < 400) {
    const id = session.newId();
    ids.push(id);
    const outcome = await session.send('x'.repeat(20_000), { id, deadlineMs: 5_000 });
    expect(['inserted', 'ambiguous', 'not_begun']).toContain(outcome.kind);
  }
  expect(session.story().join()).toContain('storage_error');
  expect(session.engine.snapshot.live).toBe(true);
  await rm(ballast());
  await session.reach('Connected');
  const last = session.newId();
  expect(await session.send('room again', { id: last })).toMatchObject({ kind: 'inserted' });
  await until('it is delivered', async () => (await kindsOf(sandbox, number, last)).includes('delivered'));
  for (const id of ids) {
    const delivered = (await kindsOf(sandbox, number, id)).filter((kind) => kind === 'delivered');
    expect(delivered.length).toBeLessThanOrEqual(1);
  }
  await session.engine.stop(8_000);
});
