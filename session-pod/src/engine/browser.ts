import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { killGroup } from './process-tree.ts';

/** Variables that a browser may see; the API key and the like are not among them. */
const PASSED_ON = ['PATH', 'TZ', 'LANG', 'TMPDIR', 'FONTCONFIG_PATH', 'FONTCONFIG_FILE', 'LD_LIBRARY_PATH'];

/** How a browser ended. */
export interface BrowserExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * The browser's processes, started from the main thread in a group of their own: their ids are known from the first
 * moment, their end is noticed at once, and the group can be killed whatever the worker thread does.
 */
export class Browser {
  readonly #child: ChildProcess;
  /** The address for the library; rejects when the browser ends before it has one. */
  readonly endpoint: Promise<string>;
  /** Fulfilled when the main process has ended and was reaped. */
  readonly exited: Promise<BrowserExit>;

  constructor(executable: string, flags: readonly string[], home: string) {
    const passed = PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    this.#child = spawn(executable, flags, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...Object.fromEntries(passed), HOME: home },
    });
    const endpoint = Promise.withResolvers<string>();
    const exited = Promise.withResolvers<BrowserExit>();
    let said = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      // Only the first words matter; the rest is read so that the browser never waits for us.
      if (said.length > 20_000) return;
      said += text;
      const found = /DevTools listening on (ws:\/\/\S+)/.exec(said);
      if (found?.[1] !== undefined) endpoint.resolve(found[1]);
    });
    this.#child.once('error', (error) => {
      endpoint.reject(new Error(`cannot start ${executable}: ${error.message}`));
      exited.resolve({ code: null, signal: null });
    });
    this.#child.once('exit', (code, signal) => {
      const last = said.trim().split('\n').at(-1) ?? '';
      endpoint.reject(new Error(`the browser ended (${signal ?? code}) before it listened: ${last}`));
      exited.resolve({ code, signal });
    });
    this.endpoint = endpoint.promise;
    this.exited = exited.promise;
    // Somebody else may be the first to ask.
    this.endpoint.catch(() => undefined);
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Kills every process of the group, and waits for the main one to be reaped. */
  async kill(withinMs: number): Promise<boolean> {
    if (this.pid === undefined) return true;
    const gone = await killGroup(this.pid, withinMs);
    if (gone) await this.exited;
    return gone;
  }
}
