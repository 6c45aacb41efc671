import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { TestProject } from 'vitest/node';
import { ensureChromium } from '../../../test/machine/chromium.ts';
import { startTestSandbox } from '../../src/testing.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly controlUrl: string;
  }
}

let stop = async (): Promise<void> => {};

/** A browser, and one sandbox for all files: accounts keep the tests apart. */
export async function setup(project: TestProject): Promise<void> {
  // The files run in processes of their own, which inherit it.
  process.env['SANDBOX_CHROMIUM'] = await ensureChromium(console.error);
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-conformance-'));
  const sandbox = await startTestSandbox({
    SANDBOX_DATA: folder,
    SANDBOX_ACCOUNTS: '0',
    SANDBOX_LOG_LEVEL: 'warn',
    // A busy machine must not miss two of them while a test looks at something else.
    SANDBOX_TIMING_KEEPALIVE_MS: '1000',
    SANDBOX_TIMING_CONNECT_TIMEOUT_MS: '1500',
    SANDBOX_TIMING_BACKOFF_MS: '100',
    SANDBOX_TIMING_BACKOFF_MAX_MS: '500',
  });
  project.provide('controlUrl', sandbox.controlUrl);
  stop = async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

export const teardown = (): Promise<void> => stop();
