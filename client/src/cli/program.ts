import { Argument, Command, CommanderError } from 'commander';
import { registerActing } from './commands/act.ts';
import type { Surroundings } from './commands/command.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerLinking } from './commands/link.ts';
import { registerLogs } from './commands/logs.ts';
import { registerLooking } from './commands/look.ts';
import { registerMessages } from './commands/messages.ts';
import { registerMonitor } from './commands/monitor.ts';
import { registerSending } from './commands/send.ts';
import { complete, completionScript, SHELLS, type Shell } from './completion.ts';
import { examples } from './examples.ts';
import { type ExitCode, exitCodes, exitCodeTexts, explain } from './exit-code.ts';
import { VERSION } from './version.ts';

/** The command line as a whole. */
export function createProgram(surroundings: Surroundings): Command {
  const { io, program: name } = surroundings;
  const program = new Command()
    .name(name)
    .description('WhatsApp sessions, in a cluster or behind a URL.')
    .version(VERSION)
    .option('--url <url>', 'one session, by the URL of its API (wa: default WHATSAPP_ENGINE_URL)')
    .option('--api-key-file <path>', 'file with its API key (default: WHATSAPP_ENGINE_API_KEY)')
    .option('-n, --namespace <namespace>', 'namespace of the session')
    .option('--context <context>', 'context of the kubeconfig')
    .option('--kubeconfig <path>', 'the kubeconfig (default: KUBECONFIG, ~/.kube/config)')
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      getOutHelpWidth: () => Math.min(io.columns, 110),
      getErrHelpWidth: () => Math.min(io.columns, 110),
      outputError: (text, write) => write(`${text.trimEnd()}\n`),
    })
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .showHelpAfterError(`(${name} --help explains)`);
  for (const register of [
    registerLooking,
    registerLinking,
    registerSending,
    registerMessages,
    registerLogs,
    registerActing,
    registerMonitor,
    registerDoctor,
  ])
    register(program, surroundings);
  registerCompletion(program, surroundings);
  addExamples(program, name);
  program.addHelpText('after', `\n${exitCodeHelp()}`);
  return program;
}

function registerCompletion(program: Command, { io, program: name }: Surroundings): void {
  program
    .command('completion')
    .summary('completion for a shell')
    .description(
      'Prints a script for the shell to evaluate. kubectl completes `kubectl was` by itself, with kubectl_complete-was in the PATH.',
    )
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS))
    .action((shell: Shell) => io.out(completionScript(shell)));
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: readonly string[]) => {
      const found = await complete(program, words, io, name);
      io.out(found.map((candidate) => `${candidate}\n`).join(''));
    });
}

function addExamples(program: Command, name: string): void {
  for (const command of program.commands) {
    const lines = examples[command.name()];
    if (lines === undefined) continue;
    const shown = lines.map((line) => `  ${line.replace(/^\$/, name)}`).join('\n');
    command.addHelpText('after', `\nExamples:\n${shown}`);
  }
}

const exitCodeHelp = (): string =>
  `Exit codes:\n${Object.entries(exitCodes)
    .map(([key, code]) => `  ${String(code).padEnd(4)} ${exitCodeTexts[key as keyof typeof exitCodes]}`)
    .join('\n')}`;

/** Runs one command line to its end. Never throws, and never shows a stack. */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { io, program: name } = surroundings;
  const program = createProgram(surroundings);
  try {
    if (words[0] === '__complete') {
      const found = await complete(program, words.slice(1), io, name);
      io.out(found.map((candidate) => `${candidate}\n`).join(''));
    } else await program.parseAsync([...words], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    // Commander has said what is wrong, or has printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (io.signal.aborted) return exitCodes.interrupted;
    const { exitCode, message, remedy } = explain(error);
    if (message !== '') io.err(`error: ${message}\n${remedy === undefined ? '' : `  ${remedy}\n`}`);
    return exitCode;
  }
}
