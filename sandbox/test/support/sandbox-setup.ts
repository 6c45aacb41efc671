import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTestSandbox } from '../../src/testing.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly controlUrl: string;
  }
}

let stop = async (): Promise<void> => {};

/** One sandbox for all files: accounts keep the tests apart. */
export async function setup(project: TestProject): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-conformance-'));
  const sandbox = await startTestSandbox({
    SANDBOX_DATA: folder,
    SANDBOX_ACCOUNTS: '0',
    SANDBOX_LOG_LEVEL: 'warn',
    SANDBOX_TIMING_KEEPALIVE_MS: '500',
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
