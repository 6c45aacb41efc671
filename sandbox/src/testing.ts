import { SandboxClient } from './client.ts';
import { startSandbox } from './sandbox.ts';
import { readSettings } from './settings.ts';

/** A sandbox that belongs to one test. */
export interface TestSandbox {
  readonly client: SandboxClient;
  readonly controlUrl: string;
  readonly webPort: number;
  /** What Chromium must be started with to come here. */
  readonly browserArgs: readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * Starts a sandbox in this process on free ports, silent, in memory, with one account (491510000001) whose
 * phone enters pairing codes by itself.
 *
 * @param environment any of the sandbox's settings, by the name of their environment variable
 */
export async function startTestSandbox(
  environment: Readonly<Record<string, string>> = {},
): Promise<TestSandbox> {
  const { controlUrl, webPort, browserArgs, stop } = await startSandbox(
    readSettings({
      SANDBOX_DATA: ':memory:',
      SANDBOX_WEB_PORT: '0',
      SANDBOX_CONTROL_PORT: '0',
      SANDBOX_LOG_LEVEL: 'silent',
      ...environment,
    }),
  );
  return { client: new SandboxClient(controlUrl), controlUrl, webPort, browserArgs, stop };
}
