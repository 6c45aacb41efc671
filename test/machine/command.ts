import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Failure } from './failure.ts';

/** How a finished command ended; `code` is null when a signal ended it. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Milliseconds until the command is killed; none by default. */
  readonly timeoutMs?: number;
  /** Called with each line of stderr as it comes, for progress. */
  readonly onStderrLine?: (line: string) => void;
}

/** Runs a command to its end and returns how it ended. Throws only when it could not be started. */
export async function tryCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new Failure('empty_command', 'a command needs a program');
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env === undefined ? process.env : { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  // A command that ends before it read its input closes the pipe; its exit code says more than EPIPE.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const ended = (once(child, 'close') as Promise<[number | null]>).catch((cause: unknown) => {
    throw new Failure('command_not_started', `cannot start ${file}`, { remedy: `install ${file}`, cause });
  });
  const [[code], stdout, stderr] = await Promise.all([
    ended,
    collectOutput(child.stdout),
    collectOutput(child.stderr, options.onStderrLine),
  ]);
  return { code, stdout, stderr };
}

/** Runs a command and returns its stdout; throws `command_failed` or `disk_full` with the end of its stderr. */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await tryCommand(argv, options);
  if (result.code === 0) return result.stdout;
  const said = lastLines(result.stderr.trim() === '' ? result.stdout : result.stderr, 12);
  const attempted = argv.slice(0, 6).join(' ');
  if (saysDiskFull(said)) {
    throw new Failure('disk_full', `${attempted}: the disk is full`, {
      class: 'retry',
      remedy: 'free some space (df -h) and run the same command again: it goes on where it stopped',
    });
  }
  throw new Failure('command_failed', `${attempted} ended with ${result.code ?? 'a signal'}: ${said}`);
}

/** The last `count` lines of a text. */
export const lastLines = (text: string, count: number): string =>
  text.trimEnd().split('\n').slice(-count).join('\n');

/** True for the words by which programs say that a disk or a quota is full. */
export const saysDiskFull = (text: string): boolean =>
  /no space left on device|disk quota exceeded/i.test(text);

/** Reads a program's output to its end and returns it. `onLine` gets each line as it comes, an unfinished last one too. */
export async function collectOutput(
  stream: AsyncIterable<Buffer>,
  onLine?: (line: string) => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let all = '';
  let pending = '';
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    all += text;
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  }
  if (pending !== '') onLine?.(pending);
  return all;
}
