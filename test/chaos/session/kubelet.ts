import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { answersWell } from './answers-well.ts';

const MAIN = fileURLToPath(new URL('../../../session-pod/src/main.ts', import.meta.url));

/** How the session pod is asked whether it lives, and when it is given up, as its manifest will say. */
const PROBE_EVERY_MS = 5_000;
const PROBE_LIMIT_MS = 3_000;
const PROBE_FAILURES = 3;
const RESTART_AFTER_MS = 500;
const GRACE_MS = 40_000;

/** Why the process was begun again. */
export type RestartCause = 'exited' | 'liveness';

/**
 * Runs the session pod's process as a kubelet runs its container: begins it again whenever it ends, and ends it
 * when its liveness probe fails three times in a row. Everything it prints goes into one file.
 */
export class Kubelet {
  readonly restarts: Record<RestartCause, number> = { exited: 0, liveness: 0 };
  readonly #environment: Readonly<Record<string, string>>;
  readonly #healthUrl: string;
  readonly #output: WriteStream;
  #child: ChildProcess | undefined;
  #stopping = false;
  #misses = 0;
  #probing: NodeJS.Timeout | undefined;

  /**
   * @param environment the settings of the session pod
   * @param healthUrl where its health port will be
   * @param logFile what it prints is appended here
   */
  constructor(environment: Readonly<Record<string, string>>, healthUrl: string, logFile: string) {
    this.#environment = environment;
    this.#healthUrl = healthUrl;
    this.#output = createWriteStream(logFile, { flags: 'a' });
  }

  start(): void {
    this.#begin();
    this.#probing = setInterval(() => void this.#probe(), PROBE_EVERY_MS);
  }

  /** The id of the process now; undefined between two. */
  get pid(): number | undefined {
    return this.#child?.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
  }

  /** Ends it for good, by SIGTERM; gives its exit code, or the signal that it took. */
  async stop(): Promise<number | NodeJS.Signals> {
    this.#stopping = true;
    clearInterval(this.#probing);
    const child = this.#child;
    if (child === undefined || this.pid === undefined) return 0;
    child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearTimeout(cut);
    this.#output.end();
    return code ?? signal ?? 0;
  }

  #begin(): void {
    this.#misses = 0;
    const child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#environment },
    });
    this.#child = child;
    child.stdout.pipe(this.#output, { end: false });
    child.stderr.pipe(this.#output, { end: false });
    child.on('exit', () => {
      if (this.#stopping) return;
      this.restarts.exited++;
      setTimeout(() => this.#stopping || this.#begin(), RESTART_AFTER_MS);
    });
  }

  async #probe(): Promise<void> {
    const child = this.#child;
    if (
      this.pid === undefined ||
      (await answersWell(`${this.#healthUrl}/startupz`, PROBE_LIMIT_MS)) === false
    )
      return;
    if (await answersWell(`${this.#healthUrl}/livez`, PROBE_LIMIT_MS)) {
      this.#misses = 0;
      return;
    }
    this.#misses++;
    if (this.#misses < PROBE_FAILURES || child !== this.#child) return;
    this.restarts.liveness++;
    child?.kill('SIGKILL');
  }
}
