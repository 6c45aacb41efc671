import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { closeAll, endSessions, linkedFolder, newSandbox } from './engine-under-test.ts';

/**
 * For a file of tests that all begin with an account that is linked: importing it makes a sandbox and a linked volume
 * before them, ends their engines and faults after each, and everything after them.
 */
export let sandbox: TestSandbox;
/** The volume. To be copied, so that each test has its own. */
export let folder: string;
/** The account's number. */
export let number: string;

beforeAll(async () => {
  sandbox = await newSandbox();
  ({ folder, number } = await linkedFolder(sandbox));
});
afterEach(async () => {
  await endSessions();
  await sandbox.client.call('clearFaults', { query: {} });
});
afterAll(closeAll);
