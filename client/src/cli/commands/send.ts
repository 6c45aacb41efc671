import { type Command, Option } from 'commander';
import type { WhatsAppClient } from '../../client.ts';
import type { Content } from '../../content.ts';
import { WhatsAppError } from '../../errors.ts';
import type { Message } from '../../generated/contract.ts';
import { hasReached, type MessageGoal } from '../../wait.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { type Format, formatOption, print } from '../output.ts';
import { ACTING, chooseSession } from '../target.ts';
import { parseDuration } from '../time.ts';
import { readWords, type Surroundings, targetOf } from './command.ts';

/** Sending one message, and following it. */

const KINDS = ['image', 'video', 'document', 'audio', 'voice', 'sticker'] as const;
type FileKind = (typeof KINDS)[number];

interface SendCommandOptions {
  readonly file?: string;
  readonly as?: FileKind;
  readonly replyTo?: string;
  readonly expiresAfter?: string;
  readonly idempotencyKey?: string;
  readonly wait: 'accepted' | MessageGoal;
  readonly timeout: string;
  readonly output: Format;
}

/** The stages that are told on the way, in order. */
const STAGES: readonly MessageGoal[] = ['sent', 'delivered', 'read', 'played'];

export function registerSending(program: Command, surroundings: Surroundings): void {
  const { io } = surroundings;
  program
    .command('send')
    .summary('send a message, and follow it until it is delivered')
    .description(
      'Sends a text or a file. CHAT is a phone number with country code, or an id that ends in @c.us, @g.us or @lid. With ' +
        '--file TEXT is its caption. Exit code 0 when it got as far as --wait says, 7 when it ended otherwise, 8 when ' +
        'that took too long: then it is still on its way.',
    )
    .argument('[NAME CHAT TEXT...]', 'session, chat and text; CHAT TEXT with --url')
    .option('--file <path>', 'send this file')
    .addOption(
      new Option('--as <kind>', 'what the file is sent as; by default its name decides').choices(KINDS),
    )
    .option('--reply-to <id>', 'the message that this one answers: its full id at WhatsApp')
    .option('--expires-after <duration>', 'give up when it has not left by then')
    .option(
      '--idempotency-key <key>',
      'the same key with the same message arrives once, however often it is sent',
    )
    .addOption(
      new Option('--wait <stage>', 'how far to follow it')
        .choices(['accepted', ...STAGES])
        .default('delivered'),
    )
    .option('--timeout <duration>', 'how long to follow it', '60s')
    .addOption(formatOption())
    .action(async (words: readonly string[], options: SendCommandOptions, command: Command) => {
      const target = await targetOf(command, surroundings);
      const text = options.file === undefined ? 'TEXT' : 'TEXT?';
      const { name, rest } = readWords(target, words, ['CHAT', text]);
      const [chat = '', words_] = rest;
      const content = contentOf(words_, options);
      const timeoutMs = parseDuration(options.timeout);
      const { client } = await chooseSession(target, name, ACTING, io.signal);
      const message = await send(client, chat, content, { ...options, timeoutMs }, io);
      if (options.output !== 'text')
        print(io, { format: options.output, value: message, text: () => '', names: [message.id] });
    });
}

async function send(
  client: WhatsAppClient,
  chat: string,
  content: Content,
  options: SendCommandOptions & { readonly timeoutMs: number },
  io: Io,
): Promise<Message> {
  const { wait, output, timeoutMs, replyTo, idempotencyKey, expiresAfter } = options;
  const began = io.now();
  const say = (message: Message, stage: string): void => {
    if (output === 'text') io.out(`${stage} ${message.id} (${((io.now() - began) / 1000).toFixed(1)} s)\n`);
  };
  let message = await client.send(chat, content, {
    replyTo,
    idempotencyKey,
    expiresAfterSeconds:
      expiresAfter === undefined ? undefined : Math.ceil(parseDuration(expiresAfter) / 1000),
    signal: io.signal,
  });
  say(message, 'accepted');
  if (wait === 'accepted') return message;
  for (const stage of STAGES.slice(0, STAGES.indexOf(wait) + 1)) {
    const remaining = Math.max(1, began + timeoutMs - io.now());
    message = await client
      .waitFor(message.id, stage, { timeoutMs: remaining, signal: io.signal })
      .catch((error: unknown) => explainTimeout(error, message, wait, options.timeout));
    say(message, stage);
  }
  return message;
}

function explainTimeout(error: unknown, seen: Message, wait: string, timeout: string): never {
  if (!(error instanceof WhatsAppError) || error.code !== 'timeout') throw error;
  const last = error.sent ?? seen;
  const left = hasReached(last, 'sent') === true;
  throw new CommandError(
    exitCodes.timeout,
    `message ${last.id} is ${last.status}, not ${wait} within ${timeout}`,
    left
      ? "it has left, and arrives when the recipient's phone is reached"
      : 'it is on disk and leaves when the session is connected; do not send it anew',
    error,
  );
}

function contentOf(text: string | undefined, { file, as }: SendCommandOptions): Content {
  if (file === undefined) {
    if (text === undefined || text === '') throw new CommandError(exitCodes.usage, 'TEXT is empty');
    if (as !== undefined) throw new CommandError(exitCodes.usage, '--as is about a file', 'give --file too');
    return text;
  }
  const kind = as ?? kindOf(file);
  const media = { path: file };
  if (kind === 'image' || kind === 'video' || kind === 'document')
    return { type: kind, media, ...(text === undefined ? {} : { caption: text }) };
  if (text !== undefined)
    throw new CommandError(exitCodes.usage, `a file sent as ${kind} has no caption`, 'leave out TEXT');
  return { type: kind, media };
}

const BY_ENDING: readonly (readonly [FileKind, RegExp])[] = [
  ['image', /\.(jpe?g|png)$/i],
  ['sticker', /\.webp$/i],
  ['video', /\.(mp4|3gp|mov|webm)$/i],
  ['audio', /\.(mp3|m4a|aac|amr|ogg|opus|wav)$/i],
];

/** What a file is sent as, by the ending of its name: anything unknown goes as a document, unchanged. */
export const kindOf = (path: string): FileKind =>
  BY_ENDING.find(([, ending]) => ending.test(path))?.[0] ?? 'document';
