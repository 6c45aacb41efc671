import { type Command, Option } from 'commander';
import type { Message, MessageStatus } from '../../generated/contract.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import { type Format, formatOption, print } from '../output.ts';
import { messageList, messageScreen } from '../screens/message.ts';
import { ACTING, chooseSession, LOOKING } from '../target.ts';
import { readWords, type Surroundings, targetOf } from './command.ts';

/** Messages that a session has accepted, and what became of them. */

const STATUSES: readonly MessageStatus[] = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'expired',
  'cancelled',
  'unknown',
];

interface MessagesOptions {
  readonly status?: MessageStatus;
  readonly to?: string;
  readonly limit: string;
  readonly output: Format;
}

export function registerMessages(program: Command, surroundings: Surroundings): void {
  const { io } = surroundings;
  program
    .command('messages')
    .summary('messages of a session, or one with all its attempts')
    .description(
      'Lists what was accepted for sending, the oldest first; with an ID, everything about that message.',
    )
    .argument('[NAME ID...]', 'session, and the id of one message; [ID] with --url')
    .addOption(new Option('--status <status>', 'only those that are this').choices(STATUSES))
    .option('--to <chat>', 'only those to this chat')
    .option('--limit <count>', 'how many at most', '50')
    .addOption(formatOption())
    .action(async (words: readonly string[], options: MessagesOptions, command: Command) => {
      const limit = countOf(options.limit);
      const target = await targetOf(command, surroundings);
      const { name, rest } = readWords(target, words, ['ID?']);
      const { client } = await chooseSession(target, name, LOOKING, io.signal);
      const [id] = rest;
      if (id !== undefined) {
        const message = await client.message(id, { signal: io.signal });
        print(io, {
          format: options.output,
          value: message,
          text: () => messageScreen(message),
          names: [id],
        });
        return;
      }
      const found: Message[] = [];
      const { status, to } = options;
      for await (const message of client.messages(
        { status, to, limit: Math.min(limit, 500) },
        { signal: io.signal },
      )) {
        found.push(message);
        if (found.length >= limit) break;
      }
      if (found.length === 0 && options.output === 'text') io.err('There are no such messages.\n');
      else
        print(io, {
          format: options.output,
          value: found,
          text: () => messageList(found, io.now()),
          names: found.map((message) => message.id),
        });
    });

  program
    .command('cancel')
    .summary('cancel a message that has not been sent')
    .description(
      'Possible while it is queued; a message that was handed to WhatsApp cannot be taken back here.',
    )
    .argument('[NAME ID...]', 'session and message; ID with --url')
    .action(async (words: readonly string[], _options: unknown, command: Command) => {
      const target = await targetOf(command, surroundings);
      const { name, rest } = readWords(target, words, ['ID']);
      const { client } = await chooseSession(target, name, ACTING, io.signal);
      const message = await client.cancel(rest[0] ?? '', { signal: io.signal });
      io.out(`${message.status} ${message.id}\n`);
    });
}

function countOf(written: string): number {
  const count = Number(written);
  if (Number.isInteger(count) && count > 0) return count;
  throw new CommandError(
    exitCodes.usage,
    `--limit must be a whole number above 0, not ${JSON.stringify(written)}`,
  );
}
