import type { Command } from 'commander';
import { CommandError, exitCodes } from '../exit-code.ts';
import { readWords, requireCluster, type Surroundings, targetOf } from './command.ts';

/** The log of a session's pod. */

interface LogsOptions {
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly tail?: string;
}

export function registerLogs(program: Command, surroundings: Surroundings): void {
  const { io } = surroundings;
  program
    .command('logs')
    .summary('the log of a session')
    .description('One JSON object a line; no bodies of messages, and no phone numbers at level info.')
    .argument('[NAME...]', 'the session')
    .option('-f, --follow', 'go on with what is logged from now on')
    .option('-p, --previous', 'of the container before the last restart')
    .option('--tail <lines>', 'only the last lines')
    .action(async (words: readonly string[], { follow, previous, tail }: LogsOptions, command: Command) => {
      const target = requireCluster(await targetOf(command, surroundings), 'the log');
      const { name = '' } = readWords(target, words);
      const { getSession } = await import('../kube/sessions.ts');
      const { cluster } = target;
      const { metadata, status } = await getSession(
        cluster,
        { namespace: cluster.namespace, name },
        io.signal,
      );
      if (status?.podName === undefined)
        throw new CommandError(
          exitCodes.notFound,
          `session ${name} has no pod now`,
          `${surroundings.program} status says why`,
        );
      const search = new URLSearchParams({ container: 'session' });
      if (follow === true) search.set('follow', 'true');
      if (previous === true) search.set('previous', 'true');
      if (tail !== undefined) search.set('tailLines', tail);
      const path = `/api/v1/namespaces/${metadata.namespace}/pods/${status.podName}/log?${search}`;
      const { body } = await cluster.request(path, { signal: io.signal });
      if (body === null) return;
      const decoder = new TextDecoder();
      for await (const chunk of body) io.out(decoder.decode(chunk, { stream: true }));
    });
}
