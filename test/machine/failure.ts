/** What a failure asks of the person or program that meets it. */
export type FailureClass = 'retry' | 'terminal' | 'conflict';

/**
 * An error of the test machinery that says what was attempted, why it failed and what to do next.
 * `code` is stable and meant for programs; `remedy` is one imperative sentence for people.
 */
export class Failure extends Error {
  readonly code: string;
  readonly class: FailureClass;
  readonly remedy: string | undefined;

  constructor(
    code: string,
    message: string,
    options: {
      readonly class?: FailureClass;
      readonly remedy?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.class = options.class ?? 'terminal';
    this.remedy = options.remedy;
  }
}

/** True for an error of the operating system with this code, such as `ENOENT`. */
export const hasErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code;

/** The text for a terminal: message, causes and remedy, without stack traces. */
export function describeFailure(error: unknown): string {
  const lines: string[] = [];
  let remedy: string | undefined;
  for (let at: unknown = error; at !== undefined; at = at instanceof Error ? at.cause : undefined) {
    const text = at instanceof Error ? at.message : String(at);
    lines.push(lines.length === 0 ? text : `  because: ${text}`);
    if (at instanceof Failure) remedy ??= at.remedy;
  }
  if (remedy !== undefined) lines.push(`  to do: ${remedy}`);
  return lines.join('\n');
}
