import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import type { Io } from './io.ts';
import { run } from './program.ts';
import type { ProgramName } from './target.ts';

/** One command line in this process. */
export async function main(
  program: ProgramName,
  words: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
  process.once('SIGTERM', () => interrupt.abort(new Error('terminated')));
  // The reader of a pipe may leave before the end: `wa messages | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const io: Io = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outBytes: (bytes) => void process.stdout.write(bytes),
    env: process.env,
    isTerminal: process.stdout.isTTY === true,
    columns: process.stdout.columns ?? 100,
    now: Date.now,
    signal: interrupt.signal,
    ask: process.stdin.isTTY === true ? (question) => askPerson(question, interrupt.signal) : undefined,
  };
  const exitCode = await run(words, { io, program });
  // Kept connections must not hold up the end; what was written has to get out first.
  process.stdout.write('', () => process.exit(exitCode));
}

async function askPerson(question: string, signal: AbortSignal): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question, { signal });
  } finally {
    reader.close();
  }
}
