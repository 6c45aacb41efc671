import type { Command } from 'commander';
import { CommandError, exitCodes } from '../exit-code.ts';
import { type Format, formatOption, print } from '../output.ts';
import { sessionList } from '../screens/session-list.ts';
import { statusScreen, type Told } from '../screens/status.ts';
import { LOOKING, type Target } from '../target.ts';
import { readWords, type Surroundings, targetOf } from './command.ts';

/** Commands that only look at sessions. */

interface ListOptions {
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly output: Format;
}

export function registerLooking(program: Command, surroundings: Surroundings): void {
  const { io } = surroundings;
  program
    .command('list')
    .alias('ls')
    .summary('the sessions of a namespace')
    .description('Lists sessions with phase, readiness, account and restarts.')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('-l, --selector <selector>', 'only those with these labels, such as team=sales')
    .addOption(formatOption())
    .action(async (options: ListOptions, command: Command) => {
      await list(await targetOf(command, surroundings), options, surroundings);
    });

  program
    .command('status')
    .summary('what is wrong with a session, and what to do')
    .description(
      'Everything about one session in one screen. Exit code 0 when it is ready, 6 when it needs a person, 5 otherwise.',
    )
    .argument('[NAME...]', 'the session; nothing with --url')
    .addOption(formatOption())
    .action(async (words: readonly string[], { output }: { readonly output: Format }, command: Command) => {
      const target = await targetOf(command, surroundings);
      const { name } = readWords(target, words);
      const { resource, told, label } = await lookAt(target, name, io.signal);
      print(io, {
        format: output,
        value: { resource: resource ?? null, session: told ?? null },
        text: () =>
          statusScreen({
            program: surroundings.program,
            label,
            resource,
            told,
            now: io.now(),
            columns: Math.min(io.columns, 100),
          }),
        names: [label],
      });
      const state = resource?.status?.phase ?? told?.state;
      const ready = resource?.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? state;
      if (ready !== 'True' && ready !== 'Connected') throw new Silent(codeOf(state));
    });
}

/** The screen has said it all: only the exit code is left to tell. */
export class Silent extends CommandError {
  constructor(exitCode: CommandError['exitCode']) {
    super(exitCode, '');
  }
}

const codeOf = (state: string | undefined): CommandError['exitCode'] =>
  state === 'Pairing' || state === 'LoggedOut' || state === 'Failed'
    ? exitCodes.needsPerson
    : exitCodes.unreachable;

async function list(
  target: Target,
  { allNamespaces = false, selector, output }: ListOptions,
  { io }: Surroundings,
): Promise<void> {
  if (target.kind === 'url') {
    const session = await target.client(LOOKING).session({ signal: io.signal });
    print(io, {
      format: output,
      value: [session],
      text: () => `${session.session}   ${session.state}   ${session.account?.id ?? '-'}`,
      names: [session.session],
    });
    return;
  }
  const { listSessions } = await import('../kube/sessions.ts');
  const { cluster } = target;
  const sessions = await listSessions(
    cluster,
    allNamespaces ? undefined : cluster.namespace,
    selector,
    io.signal,
  );
  const nameOf = ({ metadata }: (typeof sessions)[number]): string =>
    allNamespaces ? `${metadata.namespace}/${metadata.name}` : metadata.name;
  if (sessions.length === 0 && output === 'text') {
    io.err(
      `There are no sessions ${allNamespaces ? 'in this cluster' : `in namespace ${cluster.namespace}`}.\n`,
    );
    return;
  }
  print(io, {
    format: output,
    value: sessions,
    text: () => sessionList(sessions, allNamespaces, io.now()),
    names: sessions.map(nameOf),
  });
}

async function lookAt(target: Target, name: string | undefined, signal: AbortSignal) {
  if (target.kind === 'url') {
    const told: Told = await target.client(LOOKING).session({ signal });
    return { label: target.url, told, resource: undefined };
  }
  const { getSession, pulledStatus } = await import('../kube/sessions.ts');
  const { cluster } = target;
  if (name === undefined) throw new CommandError(exitCodes.usage, 'NAME is missing');
  const resource = await getSession(cluster, { namespace: cluster.namespace, name }, signal);
  const hasPod = resource.status?.podName !== undefined;
  const told = hasPod ? await pulledStatus<Told>(cluster, resource.metadata, signal) : undefined;
  return { label: name, told, resource };
}
