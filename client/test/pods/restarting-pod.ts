import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowserGroups, killGroup } from '../../../session-pod/src/engine/process-tree.ts';
import { PodProcess } from '../../../session-pod/test/process/pod-process.ts';

export const KEY = 'a-key-of-the-client-tests';

/** A session pod with real Chromium that is started again whenever it ends, as the kubelet does with a container. */
export class RestartingPod {
  readonly url: string;
  readonly folder: string;
  /** Times that it was killed. */
  kills = 0;
  readonly #environment: Readonly<Record<string, string>>;
  #process: PodProcess;
  #ending = false;
  #loop: Promise<void>;

  private constructor(url: string, folder: string, environment: Readonly<Record<string, string>>) {
    this.url = url;
    this.folder = folder;
    this.#environment = environment;
    this.#process = new PodProcess(environment);
    this.#loop = this.#keepRunning();
  }

  static async start(sandboxUrl: string): Promise<RestartingPod> {
    const folder = await mkdtemp(join(tmpdir(), 'client-pod-'));
    const port = await freePort();
    return new RestartingPod(`http://127.0.0.1:${port}`, folder, {
      DATA_DIR: folder,
      SANDBOX_URL: sandboxUrl,
      HOST: '127.0.0.1',
      PORT: String(port),
      API_KEY: KEY,
      SENDING_RATE_PER_MINUTE: '6000',
      SENDING_ACK_TIMEOUT: '5s',
      ...(process.env['SANDBOX_CHROMIUM'] === undefined
        ? {}
        : { BROWSER_PATH: process.env['SANDBOX_CHROMIUM'] }),
    });
  }

  /** What the process that runs now has written. */
  get output(): string {
    return this.#process.output;
  }

  /** As an out-of-memory kill or a lost node: nothing is finished, nothing is said. */
  kill(): void {
    this.kills += 1;
    this.#process.child.kill('SIGKILL');
  }

  async #keepRunning(): Promise<void> {
    for (;;) {
      await this.#process.exit;
      if (this.#ending) return;
      this.#process = new PodProcess(this.#environment);
    }
  }

  async remove(): Promise<void> {
    this.#ending = true;
    await this.#process.end();
    await this.#loop;
    for (const group of await findBrowserGroups(join(this.folder, 'profile'))) await killGroup(group, 10_000);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
