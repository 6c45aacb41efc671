import type { Io } from '../io.ts';
import { run } from '../program.ts';
import type { ProgramName } from '../target.ts';

/** What a command line came to. */
export interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export interface InvokeOptions {
  readonly program?: ProgramName;
  readonly env?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  readonly answer?: string;
  readonly columns?: number;
  /** Told everything written so far, after each piece. */
  readonly watch?: (out: string) => void;
}

/** Runs a command line in this process, at a fixed time unless told otherwise. */
export async function invoke(words: readonly string[], options: InvokeOptions = {}): Promise<Outcome> {
  const {
    program = 'kubectl was',
    env = {},
    isTerminal = false,
    signal,
    now,
    answer,
    columns = 100,
    watch,
  } = options;
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
      watch?.(out);
    },
    err: (text) => {
      err += text;
    },
    outBytes: (bytes) => {
      out += `<${bytes.byteLength} bytes>`;
    },
    env,
    isTerminal,
    columns,
    now: now ?? (() => Date.parse('2026-11-24T12:00:00Z')),
    signal: signal ?? new AbortController().signal,
    ask: answer === undefined ? undefined : async () => answer,
  };
  const exitCode = await run(words, { io, program });
  return { exitCode, out, err };
}
