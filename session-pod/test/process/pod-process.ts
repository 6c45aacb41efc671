import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** `main.ts` as a process of its own. */
export class PodProcess {
  readonly child: ChildProcess;
  /** The code with which it ended; null when a signal ended it. */
  readonly exit: Promise<number | null>;
  #output = '';

  constructor(environment: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], PORT: '0', HEALTH_PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.exit = once(this.child, 'exit').then(([code]) => code as number | null);
  }

  get output(): string {
    return this.#output;
  }

  /** The log as objects; lines that are not JSON are left out. */
  get log(): readonly Record<string, unknown>[] {
    return this.#output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** States that the session went through, in order. */
  get states(): readonly unknown[] {
    return this.log
      .filter(({ from, to }) => typeof from === 'string' && to !== undefined)
      .map(({ to }) => to);
  }

  /** The port that it says it listens on. */
  port(which: 'api' | 'health'): number | undefined {
    const started = this.log.find(({ msg }) => msg === 'started');
    return started === undefined ? undefined : Number(String(started[which]).split(':').at(-1));
  }

  async get(which: 'api' | 'health', path: string): Promise<Response> {
    return await fetch(`http://127.0.0.1:${this.port(which)}${path}`);
  }

  async post(path: string, body: unknown): Promise<Response> {
    return await fetch(`http://127.0.0.1:${this.port('api')}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** Ends it if it still runs. */
  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exit;
  }
}
