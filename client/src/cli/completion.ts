import type { Command, Option } from 'commander';
import type { Io } from './io.ts';
import { chooseTarget, type GlobalOptions, type ProgramName } from './target.ts';

/** What can follow on a command line, asked by the shells' scripts below. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** To be evaluated by the shell. kubectl finds the program `kubectl_complete-was` by itself. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return `_wa() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(wa __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _wa wa
`;
    case 'zsh':
      return `#compdef wa
_wa() {
  local -a found
  found=("\${(@f)$(wa __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _wa wa
`;
    case 'fish':
      return `complete -c wa -f -a '(wa __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`;
  }
}

/** Options that take a value, of a command and of the program. */
const optionsOf = (command: Command) => [...command.options, ...(command.parent?.options ?? [])];

/**
 * Candidates for the last word; the words before it are finished. Never fails: a cluster that does not answer offers
 * nothing.
 */
export async function complete(
  program: Command,
  words: readonly string[],
  io: Io,
  name: ProgramName,
): Promise<readonly string[]> {
  const partial = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = program.commands.find(
    (one) => before.includes(one.name()) || one.aliases().some((alias) => before.includes(alias)),
  );
  const known = command === undefined ? program.options : optionsOf(command);
  const opened = known.find(
    (option) => isWritten(option, before.at(-1)) && (option.required || option.optional),
  );
  if (opened !== undefined) return startingWith(opened.argChoices ?? [], partial);
  if (partial.startsWith('-'))
    return startingWith([...known.flatMap(({ long }) => long ?? []), '--help'], partial);
  if (command === undefined)
    return startingWith(
      program.commands.filter((one) => !one.name().startsWith('__') && !hidden(one)).map((one) => one.name()),
      partial,
    );
  if (command.name() === 'completion') return startingWith(SHELLS, partial);
  const takesName = command.registeredArguments[0]?.name().startsWith('NAME') === true;
  const position = positionalCount(before.slice(before.indexOf(command.name()) + 1), known);
  return takesName && position === 0
    ? startingWith(await sessionNames(program, before, io, name), partial)
    : [];
}

const isWritten = ({ short, long }: Option, word: string | undefined): boolean =>
  word !== undefined && (word === short || word === long);
const hidden = (command: Command): boolean =>
  (command as unknown as { readonly _hidden?: boolean })._hidden === true;
const startingWith = (candidates: readonly string[], partial: string): readonly string[] =>
  candidates.filter((candidate) => candidate.startsWith(partial));

/** How many finished words are neither options nor their values. */
function positionalCount(words: readonly string[], known: readonly Option[]): number {
  return words.filter((word, index) => {
    const previous = known.find((option) => isWritten(option, words[index - 1]));
    return !word.startsWith('-') && !(previous?.required ?? false);
  }).length;
}

/** How long a shell may be kept waiting. Milliseconds. */
const PATIENCE = 2_000;

async function sessionNames(
  program: Command,
  before: readonly string[],
  io: Io,
  name: ProgramName,
): Promise<readonly string[]> {
  try {
    const target = await chooseTarget(globalOptions(program, before), io, name);
    if (target.kind === 'url') return [];
    const { listSessions } = await import('./kube/sessions.ts');
    const { cluster } = target;
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(PATIENCE)]);
    return (await listSessions(cluster, cluster.namespace, undefined, signal)).map(
      ({ metadata }) => metadata.name,
    );
  } catch {
    return [];
  }
}

/** Those of the options about the target that stand on the line already. */
function globalOptions(program: Command, before: readonly string[]): GlobalOptions {
  const given = program.options.flatMap((option) => {
    const index = before.findIndex((word) => isWritten(option, word));
    const value = before[index + 1];
    return index === -1 || value === undefined ? [] : [[option.attributeName(), value]];
  });
  return Object.fromEntries(given) as GlobalOptions;
}
