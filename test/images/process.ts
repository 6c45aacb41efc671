/**
 * Runs one program so that nothing of it can be left behind.
 *
 * Guarantees: the program has mounts and processes of its own (private namespaces), and the kernel ends all of
 * them when the builder dies, however it dies. So a killed build leaves no mount and no process, only files in
 * the work folder, which the next build empties.
 * Assumes: root, Linux, and that the thread which starts a program lives until the program ends.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { collectOutput, saysDiskFull } from '../machine/command.ts';
import { ImageError } from './errors.ts';

/** How a program is run. */
export type Invocation = {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The lock's open file, shared with the program so that the lock lasts as long as it runs. */
  readonly lockFd: number;
  readonly signal: AbortSignal | undefined;
  /** Called with each whole line of output, both streams. */
  readonly onLine: (line: string) => void;
};

/** How long an interrupted program may take to end by itself, in milliseconds. */
const TERM_GRACE_MS = 10_000;
const KEPT_LINES = 30;

/**
 * Runs a program to its end and returns its standard output.
 *
 * @throws ImageError `IMAGES_TOOL_FAILED` or `IMAGES_DISK_FULL` with the end of the program's output,
 *   `IMAGES_INTERRUPTED` when the signal was aborted (the program has ended by then).
 */
export async function run(invocation: Invocation): Promise<string> {
  const { program, args, environment, lockFd, signal, onLine } = invocation;
  const interrupted = () => new ImageError('IMAGES_INTERRUPTED', `interrupted while ${program} was running`);
  if (signal?.aborted) throw interrupted();

  const shell = [
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const child = spawn('setpriv', [...shell, '--', program, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', lockFd],
    detached: true,
  }) as ChildProcessByStdio<null, Readable, Readable>;
  const stop = () => endGroup(child.pid, child);
  signal?.addEventListener('abort', stop, { once: true });

  const tail: string[] = [];
  const keep = (line: string) => {
    tail.push(line);
    if (tail.length > KEPT_LINES) tail.shift();
    onLine(line);
  };
  try {
    const [stdout, , [code, killedBy]] = await Promise.all([
      collectOutput(child.stdout, keep),
      collectOutput(child.stderr, keep),
      once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    if (signal?.aborted) throw interrupted();
    if (code === 0) return stdout;
    throw failure(program, killedBy ?? `exit code ${code}`, tail);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Names a program's failure: a full disk has a code of its own because its remedy differs. */
export function failure(program: string, ending: string, tail: readonly string[]): ImageError {
  const output = tail.map((line) => `  ${line}`).join('\n');
  return saysDiskFull(output)
    ? new ImageError('IMAGES_DISK_FULL', `the disk is full: ${program} ended with ${ending}\n${output}`)
    : new ImageError('IMAGES_TOOL_FAILED', `${program} ended with ${ending}\n${output}`);
}

function endGroup(pid: number | undefined, child: { once(event: 'close', act: () => void): unknown }): void {
  if (pid === undefined) return;
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  send('SIGTERM');
  const hard = setTimeout(() => send('SIGKILL'), TERM_GRACE_MS);
  child.once('close', () => clearTimeout(hard));
}
