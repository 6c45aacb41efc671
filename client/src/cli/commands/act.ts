import { writeFile } from 'node:fs/promises';
import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { Command } from 'commander';
import { pause } from '../../http/pause.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { Io } from '../io.ts';
import type { Cluster } from '../kube/cluster.ts';
import { readyOf } from '../screens/session-list.ts';
import { ACTING, chooseSession } from '../target.ts';
import { parseDuration } from '../time.ts';
import { readWords, requireCluster, type Surroundings, targetOf } from './command.ts';

/** Commands that change a session. */

interface WaitOptions {
  readonly wait?: boolean;
  readonly timeout: string;
}

export function registerActing(program: Command, surroundings: Surroundings): void {
  const { io } = surroundings;
  const waiting = (command: Command): Command =>
    command.option('--wait', 'until that is done').option('--timeout <duration>', 'how long to wait', '5m');

  waiting(
    program
      .command('restart')
      .summary('replace the pod of a session')
      .description(
        'Replaces the pod, and begins the restart budget anew: what a session needs that stopped after too many restarts. ' +
          'The account stays linked and messages stay in the queue. With --url it begins the browser anew.',
      )
      .argument('[NAME...]', 'the session; nothing with --url'),
  ).action(async (words: readonly string[], options: WaitOptions, command: Command) => {
    const target = await targetOf(command, surroundings);
    const { name } = readWords(target, words);
    if (target.kind === 'url') {
      await reconnect(command, words, options);
      return;
    }
    const { RESTART_ANNOTATION } = await import('../kube/sessions.ts');
    const value = new Date(io.now()).toISOString();
    await patch(target.cluster, name, { metadata: { annotations: { [RESTART_ANNOTATION]: value } } }, io);
    io.out(`session ${name}: a restart is asked for\n`);
    if (options.wait === true)
      await untilSession(
        target.cluster,
        name,
        options,
        io,
        'ready again',
        (session) => session.status?.restarts?.restartAt === value && readyOf(session)?.status === 'True',
      );
  });

  const reconnect = async (
    command: Command,
    words: readonly string[],
    options: WaitOptions,
  ): Promise<void> => {
    const target = await targetOf(command, surroundings);
    const { name } = readWords(target, words);
    const { client, label } = await chooseSession(target, name, ACTING, io.signal);
    await client.restart({ signal: io.signal });
    io.out(`session ${label}: its browser begins anew\n`);
    if (options.wait !== true) return;
    await client.waitUntilConnected({ timeoutMs: parseDuration(options.timeout), signal: io.signal });
    io.out(`session ${label}: connected\n`);
  };
  waiting(
    program
      .command('reconnect')
      .summary('begin the browser of a session anew, in the same pod')
      .description('Milder than restart: the pod stays, and so do registration and queue.')
      .argument('[NAME...]', 'the session; nothing with --url'),
  ).action((words: readonly string[], options: WaitOptions, command: Command) =>
    reconnect(command, words, options),
  );

  for (const mode of ['suspend', 'resume'] as const) {
    const suspend = mode === 'suspend';
    waiting(
      program
        .command(mode)
        .summary(
          suspend ? 'end the pod of a session, and keep everything else' : 'bring a suspended session back',
        )
        .description(
          suspend
            ? 'Sets spec.operatingMode to Suspended: no pod, while volume, account and queue are kept. New messages are not accepted meanwhile.'
            : 'Sets spec.operatingMode to Running.',
        )
        .argument('[NAME...]', 'the session'),
    ).action(async (words: readonly string[], options: WaitOptions, command: Command) => {
      const target = requireCluster(await targetOf(command, surroundings), mode);
      const { name } = readWords(target, words);
      await patch(target.cluster, name, { spec: { operatingMode: suspend ? 'Suspended' : 'Running' } }, io);
      io.out(`session ${name}: ${suspend ? 'is being suspended' : 'is being resumed'}\n`);
      if (options.wait !== true) return;
      await untilSession(target.cluster, name, options, io, suspend ? 'suspended' : 'ready', (session) =>
        suspend
          ? session.status?.phase === 'Suspended' && session.status.podName === undefined
          : readyOf(session)?.status === 'True',
      );
    });
  }

  program
    .command('logout')
    .summary('unlink the account of a session')
    .description(
      'Forgets the registration: the session has to be linked again. Messages in the queue stay, for whichever account is linked next.',
    )
    .argument('[NAME...]', 'the session; nothing with --url')
    .option('-y, --yes', 'do not ask')
    .action(async (words: readonly string[], { yes }: { readonly yes?: boolean }, command: Command) => {
      const target = await targetOf(command, surroundings);
      const { name } = readWords(target, words);
      const { client, label } = await chooseSession(target, name, ACTING, io.signal);
      if (yes !== true)
        await confirm(io, `Unlink the account of session ${label}? It has to be linked again. [y/N] `);
      await client.logout({ signal: io.signal });
      io.out(`session ${label}: unlinked\n`);
    });

  program
    .command('screenshot')
    .summary('what the page of a session looks like now')
    .description('Writes a PNG. It may show chats, or the code to link with: treat it as a credential.')
    .argument('[NAME FILE...]', 'session and file (NAME.png; - is standard output); [FILE] with --url')
    .action(async (words: readonly string[], _options: unknown, command: Command) => {
      const target = await targetOf(command, surroundings);
      const { name, rest } = readWords(target, words, ['FILE?']);
      const file = rest[0] ?? `${name ?? 'session'}.png`;
      const { client } = await chooseSession(target, name, ACTING, io.signal);
      const png = await client.screenshot({ signal: io.signal });
      if (file === '-') {
        io.outBytes(png);
        return;
      }
      await writeFile(file, png, { mode: 0o600 }).catch((cause: Error) => {
        throw new CommandError(
          exitCodes.failed,
          `${file} cannot be written: ${cause.message}`,
          undefined,
          cause,
        );
      });
      io.out(`${file}\n`);
    });
}

async function confirm(io: Io, question: string): Promise<void> {
  if (io.ask === undefined)
    throw new CommandError(
      exitCodes.usage,
      'this asks before it acts, and nobody can answer here',
      'give --yes',
    );
  if (!/^y(es)?$/i.test((await io.ask(question)).trim()))
    throw new CommandError(exitCodes.interrupted, 'nothing was done');
}

async function patch(cluster: Cluster, name: string | undefined, body: unknown, io: Io): Promise<void> {
  const { getSession, patchSession } = await import('../kube/sessions.ts');
  const session = { namespace: cluster.namespace, name: name ?? '' };
  // A missing session is told with its namespace.
  await getSession(cluster, session, io.signal);
  await patchSession(cluster, session, body, io.signal);
}

async function untilSession(
  cluster: Cluster,
  name: string | undefined,
  { timeout }: WaitOptions,
  io: Io,
  what: string,
  holds: (session: WhatsAppSession) => boolean,
): Promise<void> {
  const { getSession } = await import('../kube/sessions.ts');
  const deadline = io.now() + parseDuration(timeout);
  for (;;) {
    const session = await getSession(cluster, { namespace: cluster.namespace, name: name ?? '' }, io.signal);
    const current = session.status?.observedGeneration === session.metadata.generation;
    if (current && holds(session)) {
      io.out(`session ${name}: ${what}\n`);
      return;
    }
    if (io.now() >= deadline) {
      const ready = readyOf(session);
      throw new CommandError(
        exitCodes.timeout,
        `session ${name} is not ${what} within ${timeout}${ready === undefined ? '' : `: ${ready.reason}, ${ready.message}`}`,
      );
    }
    await pause(1_000, io.signal);
  }
}
