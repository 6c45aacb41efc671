import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findCommand, installPackages } from '../../../test/machine/debian.ts';
import type { EngineOptions } from '../../src/engine/index.ts';
import {
  closeAll,
  copyFolder,
  EngineUnderTest,
  endSessions,
  FRIEND,
  kindsOf,
  linkedEngine,
  newSandbox,
  until,
} from './support/engine-under-test.ts';

/** The whole browser instead of its headless shell: the same promises, for those who choose it. */

let sandbox: TestSandbox;
let options: Partial<EngineOptions>;

beforeAll(async () => {
  if (findCommand('chromium') === undefined) await installPackages(['chromium']);
  options = { flavor: 'Chromium', executable: findCommand('chromium') };
  sandbox = await newSandbox();
}, 600_000);
afterEach(endSessions);
afterAll(closeAll);

const isDelivered = (number: string, id: string) =>
  until('it is delivered', async () => (await kindsOf(sandbox, number, id)).includes('delivered'));

test('full Chromium: linked, sends, survives the kill of its browser and a restart without a scan', async () => {
  const { session, number } = await linkedEngine(sandbox, options);
  expect(session.engine.snapshot.versions.browser).toMatch(/\d/);
  const first = session.newId();
  expect(await session.send('from the whole browser', { id: first })).toMatchObject({ kind: 'inserted' });
  await isDelivered(number, first);

  for (const pid of await session.processes('browser')) process.kill(pid, 'SIGKILL');
  await session.told('browser_crashed');
  await session.reach('Connected', 60_000);
  const second = session.newId();
  expect(await session.send('after the kill', { id: second })).toMatchObject({ kind: 'inserted' });
  await isDelivered(number, second);
  await session.engine.stop(8_000);
  expect(await session.processes('browser')).toEqual([]);

  const next = new EngineUnderTest(sandbox, session.folder, options);
  next.engine.start();
  await next.reach('Connected', 60_000);
  expect(next.pairings).toEqual([]);
  expect(next.engine.snapshot.account?.id).toBe(`${number}@c.us`);
  expect(await next.engine.lookup({ chatId: FRIEND, id: second })).toMatchObject({ kind: 'found' });
  await next.engine.stop(8_000);
});

test('full Chromium: a volume that everything was killed on needs no scan', async () => {
  const { session } = await linkedEngine(sandbox, options);
  await session.kill();
  const next = new EngineUnderTest(sandbox, await copyFolder(session.folder), options);
  next.engine.start();
  await next.reach('Connected', 60_000);
  expect(next.pairings).toEqual([]);
  await next.engine.stop(8_000);
});

test('full Chromium: a frozen renderer is noticed as engine_hung and replaced', async () => {
  const { session } = await linkedEngine(sandbox, options);
  for (const pid of await session.processes('renderer')) process.kill(pid, 'SIGSTOP');
  await session.told('engine_hung');
  await session.reach('Connected', 60_000);
  await session.engine.stop(8_000);
});
