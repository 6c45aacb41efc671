import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TestSandbox } from '../../sandbox/src/testing.ts';
import { findBrowserGroups, killGroup } from '../../session-pod/src/engine/process-tree.ts';
import { PodProcess } from '../../session-pod/test/process/pod-process.ts';
import { freePort } from './prometheus-process.ts';

/** What a busy machine may need for anything below. Milliseconds. */
export const PATIENCE = { timeout: 120_000, interval: 200 };

/** A session that is started, ended and started again at one place, as a pod with a volume is. */
export class Actor {
  readonly name: string;
  readonly number: string;
  readonly healthPort: number;
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  #process: PodProcess | undefined;

  private constructor(
    name: string,
    number: string,
    healthPort: number,
    environment: Readonly<Record<string, string>>,
  ) {
    this.name = name;
    this.number = number;
    this.healthPort = healthPort;
    this.#folder = mkdtempSync(join(tmpdir(), `rehearsal-${name}-`));
    this.#environment = environment;
  }

  static async cast(
    name: string,
    number: string,
    sandbox: TestSandbox,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Actor> {
    return new Actor(name, number, await freePort(), { SANDBOX_URL: sandbox.controlUrl, ...environment });
  }

  get pod(): PodProcess {
    if (this.#process === undefined) throw new Error(`${this.name} is not on`);
    return this.#process;
  }

  start(): void {
    this.#process = new PodProcess({
      DATA_DIR: this.#folder,
      SESSION_NAME: this.name,
      HEALTH_PORT: String(this.healthPort),
      SENDING_RATE_PER_MINUTE: '6000',
      ...this.#environment,
    });
  }

  async kill(): Promise<void> {
    this.pod.child.kill('SIGKILL');
    await this.pod.exit;
  }

  async state(): Promise<string> {
    if (this.pod.port('api') === undefined) return this.pod.output;
    const session = (await (await this.pod.get('api', '/api/v1/session')).json()) as {
      readonly state: string;
    };
    return session.state;
  }

  async reaches(state: string): Promise<void> {
    await expect.poll(() => this.state(), PATIENCE).toBe(state);
  }

  /** Waits for its code, and scans it with the phone. */
  async link(sandbox: TestSandbox): Promise<void> {
    await this.reaches('Pairing');
    await expect
      .poll(async () => (await this.pod.get('api', '/api/v1/session/qr')).status, PATIENCE)
      .toBe(200);
    const { qr } = (await (await this.pod.get('api', '/api/v1/session/qr')).json()) as {
      readonly qr: string;
    };
    await sandbox.client.call('scan', { params: { number: this.number }, body: { qr } });
    await this.reaches('Connected');
  }

  async send(text: string): Promise<void> {
    const response = await this.pod.post('/api/v1/messages', {
      to: '4915700000000@c.us',
      content: { type: 'text', text },
    });
    expect(response.status).toBe(202);
  }

  async remove(): Promise<void> {
    await this.#process?.end();
    for (const group of await findBrowserGroups(join(this.#folder, 'profile')))
      await killGroup(group, 10_000);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
