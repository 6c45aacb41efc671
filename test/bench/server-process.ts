import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SandboxClient } from '../../sandbox/src/client.ts';
import { type ProcessUsage, parseCpuSeconds, parseMemory } from './usage.ts';

const MAIN = fileURLToPath(new URL('../../sandbox/src/main.ts', import.meta.url));

/** A sandbox in a process of its own, so that what is measured is the sandbox alone. */
export interface ServerProcess {
  readonly client: SandboxClient;
  readonly controlUrl: string;
  readonly webPort: number;
  readonly usage: () => Promise<ProcessUsage>;
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>;
}

/** Starts a sandbox as its users do, with a database on disk, and that many accounts. */
export async function startServer(accounts: number): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-bench-'));
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      SANDBOX_DATA: folder,
      SANDBOX_WEB_PORT: '0',
      SANDBOX_CONTROL_PORT: '0',
      SANDBOX_ACCOUNTS: String(accounts),
      SANDBOX_LOG_LEVEL: 'warn',
      SANDBOX_TIMING_AUTO_LINK_MS: '0',
    },
  });
  const controlUrl = await readControlUrl(child);
  const client = new SandboxClient(controlUrl);
  const { args } = await client.call('browserArgs', {});
  const { pid } = child;
  return {
    client,
    controlUrl,
    webPort: Number(/MAP web\.whatsapp\.com [^:]+:(\d+)/.exec(args[0] ?? '')?.[1]),
    usage: async () => ({
      cpuSeconds: parseCpuSeconds(await readFile(`/proc/${pid}/stat`, 'utf8')),
      ...parseMemory(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')),
    }),
    stop: async () => {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readControlUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the sandbox has no output to read');
  const limit = setTimeout(() => child.kill('SIGKILL'), 30_000);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Control API:\s+(\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    clearTimeout(limit);
    return url;
  }
  throw new Error('the sandbox ended, or did not tell within 30 s where its control API is');
}
