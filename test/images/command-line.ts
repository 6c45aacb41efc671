import { parseArgs } from 'node:util';
import { CATALOGUE } from './catalogue.ts';
import { ImageError } from './errors.ts';
import { SETTING_DOCS } from './settings.ts';

/** What the user asks for. */
export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'build';
      readonly names: readonly string[];
      readonly fresh: boolean;
      readonly verbose: boolean;
      readonly json: boolean;
    }
  | { readonly kind: 'list'; readonly json: boolean }
  | { readonly kind: 'save'; readonly name: string; readonly file: string }
  | { readonly kind: 'prune' }
  | { readonly kind: 'clean'; readonly all: boolean };

const FLAGS = {
  help: { type: 'boolean', short: 'h', default: false },
  fresh: { type: 'boolean', default: false },
  verbose: { type: 'boolean', short: 'v', default: false },
  json: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
} as const;

/** The flags each command takes. */
const TAKES: ReadonlyMap<string, readonly (keyof typeof FLAGS)[]> = new Map([
  ['build', ['fresh', 'verbose', 'json']],
  ['list', ['json']],
  ['save', []],
  ['prune', []],
  ['clean', ['all']],
]);

/**
 * Parses the arguments after the program's name.
 *
 * @throws ImageError `IMAGES_BAD_SETTING` for anything that is not in the help text.
 */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parseFlags(args);
  const [verb, ...operands] = positionals;
  if (values.help || verb === 'help' || verb === undefined) return { kind: 'help' };
  const takes = TAKES.get(verb);
  if (takes === undefined) throw wrong(`no command named "${verb}"`);
  for (const flag of ['fresh', 'verbose', 'json', 'all'] as const) {
    if (values[flag] && !takes.includes(flag)) throw wrong(`${verb} takes no --${flag}`);
  }
  if (verb === 'build') {
    return {
      kind: 'build',
      names: operands,
      fresh: values.fresh,
      verbose: values.verbose,
      json: values.json,
    };
  }
  if (verb === 'save') return parseSave(operands);
  if (operands.length > 0) throw wrong(`${verb} takes no "${operands[0]}"`);
  if (verb === 'list') return { kind: 'list', json: values.json };
  return verb === 'clean' ? { kind: 'clean', all: values.all } : { kind: 'prune' };
}

/** The text of `--help`. */
export function helpText(): string {
  const table = (rows: readonly (readonly [string, string])[]) => {
    const width = Math.max(...rows.map(([left]) => left.length)) + 2;
    return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n');
  };
  return `Builds the project's images from the working tree, without Docker and without an image registry.

Usage: node test/images/main.ts COMMAND

Commands
${table([
  ['build [NAME…]', 'build the named images, or all; steps and bases that have not changed are reused'],
  ['      --fresh', 'use nothing of earlier builds: newest packages, every step run again'],
  ['      --verbose', "show the programs' own output"],
  ['      --json', 'print what was built as JSON'],
  ['list [--json]', 'show the finished images and where their archives are'],
  ['save NAME FILE', "copy an image's archive (OCI format; docker load and ctr import read it)"],
  ['prune', 'remove the layers that no finished image needs'],
  ['clean [--all]', 'remove the finished images; with --all also the bases and all layers'],
])}

Images
${table(CATALOGUE.map(({ name, purpose }) => [name, purpose]))}

Environment
${table(SETTING_DOCS.map(({ variable, meaning }) => [variable, meaning]))}

Images on the stand-in bases are for the local cluster. To publish, build the same Dockerfiles with Docker.
`;
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true, strict: true });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function parseSave(operands: readonly string[]): Command {
  const [name, file, ...more] = operands;
  if (name === undefined || file === undefined || more.length > 0)
    throw wrong('save takes a name and a file');
  return { kind: 'save', name, file };
}

function wrong(problem: string): ImageError {
  return new ImageError('IMAGES_BAD_SETTING', problem, { remedy: 'see --help' });
}
