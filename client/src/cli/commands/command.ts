import type { Command } from 'commander';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { chooseTarget, type GlobalOptions, type ProgramName, type Target } from '../target.ts';

/** What every command is made from. */
export interface Surroundings {
  readonly io: Io;
  readonly program: ProgramName;
}

/** Where a command gets what it works on. */
export async function targetOf(command: Command, { io, program }: Surroundings): Promise<Target> {
  return await chooseTarget(command.optsWithGlobals<GlobalOptions>(), io, program);
}

/**
 * The words behind a command. With a cluster the first of them names the session; behind a URL there is one session,
 * and nothing to name.
 *
 * @param more names of the words that follow; those that end in `?` may be left out
 */
export function readWords(
  target: Target,
  given: readonly string[],
  more: readonly string[] = [],
): { readonly name: string | undefined; readonly rest: readonly (string | undefined)[] } {
  const expected = target.kind === 'url' ? more : ['NAME', ...more];
  const missing = expected.slice(given.length).find((word) => !word.endsWith('?'));
  if (missing !== undefined)
    throw new CommandError(
      exitCodes.usage,
      `${missing} is missing`,
      `expected: ${expected.map(shown).join(' ') || 'nothing'}`,
    );
  if (given.length > expected.length)
    throw new CommandError(
      exitCodes.usage,
      `${JSON.stringify(given[expected.length])} is one word too many`,
      target.kind === 'url'
        ? `a URL is one session, which is not named again; expected: ${expected.map(shown).join(' ') || 'nothing'}`
        : `expected: ${expected.map(shown).join(' ')}; put quotes around a text with blanks`,
    );
  return target.kind === 'url' ? { name: undefined, rest: given } : { name: given[0], rest: given.slice(1) };
}

const shown = (word: string): string => (word.endsWith('?') ? `[${word.slice(0, -1)}]` : word);

/** @throws CommandError for commands that are about the session's resource or pod */
export function requireCluster(target: Target, what: string): Extract<Target, { kind: 'cluster' }> {
  if (target.kind === 'cluster') return target;
  throw new CommandError(
    exitCodes.usage,
    `${what} needs the cluster, and a URL leads to the session only`,
    'leave out --url and WHATSAPP_ENGINE_URL',
  );
}
