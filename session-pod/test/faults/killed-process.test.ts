import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findBrowserGroups, killGroup } from '../../src/engine/process-tree.ts';
import {
  closeAll,
  copyFolder,
  EngineUnderTest,
  endSessions,
  linkedFolder,
  newAccount,
  newFolder,
  newSandbox,
} from './support/engine-under-test.ts';

let sandbox: TestSandbox;
const children: ChildProcess[] = [];

beforeAll(async () => {
  sandbox = await newSandbox();
});
afterEach(async () => {
  await endSessions();
  await sandbox.client.call('clearFaults', { query: {} });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await closeAll();
});

/** Starts an engine in a process of its own, scans its first code, and kills the process once it says Connected. */
async function killWhenConnected(folder: string, number: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'support', 'session-process.ts'), folder, JSON.stringify(sandbox.browserArgs)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { readonly qr?: string; readonly state?: string };
    if (said.qr !== undefined) {
      await sandbox.client.call('scan', { params: { number }, body: { qr: said.qr } });
    }
    if (said.state === 'Connected') break;
  }
  child.kill('SIGKILL');
}

const groupsOf = (folder: string) => findBrowserGroups(join(folder, 'profile'));

async function connectsWithoutScan(folder: string): Promise<void> {
  const session = new EngineUnderTest(sandbox, folder);
  session.engine.start();
  await session.reach('Connected');
  expect(session.pairings).toEqual([]);
  expect(await groupsOf(folder)).toHaveLength(1);
  await session.engine.stop(8_000);
  expect(await groupsOf(folder)).toEqual([]);
}

test('the process alone killed, its browser left behind: the next one ends that browser and connects', async () => {
  const { folder: linked, number } = await linkedFolder(sandbox);
  const folder = await copyFolder(linked);
  await killWhenConnected(folder, number);
  const left = await groupsOf(folder);
  expect(left).toHaveLength(1);
  await connectsWithoutScan(folder);
});

test.for([1, 2, 3])(
  'everything killed the moment a new link is called Connected: no second scan (%i)',
  async () => {
    const folder = await newFolder();
    await killWhenConnected(folder, await newAccount(sandbox));
    for (const group of await groupsOf(folder)) await killGroup(group, 5_000);
    await connectsWithoutScan(folder);
  },
);
