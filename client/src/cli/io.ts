/** The world as the command line sees it; tests bring their own. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Bytes to standard output, of a screenshot for instance. */
  readonly outBytes: (bytes: Uint8Array) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a person watches standard output. */
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** A line that a person types; undefined where nobody can. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}
