import { spawn } from 'node:child_process';
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
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env === undefined ? process.env : { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    let partial = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      const lines = (partial + text).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) options.onStderrLine?.(line);
    });
    child.on('error', (cause) =>
      reject(
        new Failure('command_not_started', `cannot start ${file}`, { remedy: `install ${file}`, cause }),
      ),
    );
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    // A command that ends before it read its input closes the pipe; its exit code says more than EPIPE.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a command and returns its stdout; throws `command_failed` or `disk_full` with the end of its stderr. */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await tryCommand(argv, options);
  if (result.code === 0) return result.stdout;
  const said = lastLines(result.stderr.trim() === '' ? result.stdout : result.stderr, 12);
  const attempted = argv.slice(0, 6).join(' ');
  if (said.includes('No space left on device') || said.includes('no space left on device')) {
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
