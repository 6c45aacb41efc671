import type { Command } from 'commander';
import type { WhatsAppClient } from '../../client.ts';
import { WhatsAppError } from '../../errors.ts';
import type { Session } from '../../generated/contract.ts';
import { pause } from '../../http/pause.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { printable } from '../table.ts';
import { chooseSession, LOOKING } from '../target.ts';
import { formatAge, parseDuration } from '../time.ts';
import { readWords, type Surroundings, targetOf } from './command.ts';

/** Linking an account, by QR code or by a code that is typed: until it is Connected. */

interface LinkOptions {
  readonly timeout: string;
  readonly once?: boolean;
}

interface PairOptions extends LinkOptions {
  readonly code?: boolean;
  readonly phone?: string;
}

/** How often the session is asked. Milliseconds: a code lives for about 20 seconds. */
const EVERY_MS = 1_000;

export function registerLinking(program: Command, surroundings: Surroundings): void {
  const { io } = surroundings;
  const link = async (words: readonly string[], options: PairOptions, command: Command): Promise<void> => {
    const target = await targetOf(command, surroundings);
    const { name } = readWords(target, words);
    const { client } = await chooseSession(target, name, LOOKING, io.signal);
    if (options.phone !== undefined) await client.pairingCode(options.phone, { signal: io.signal });
    await untilLinked(client, options, options.code === true || options.phone !== undefined, io);
  };

  program
    .command('qr')
    .summary('the QR code of a session, until it is linked')
    .description(
      'Shows the QR code in the terminal and a new one whenever it changes. Ends with exit code 0 when the session is ' +
        'Connected. The code is a credential: whoever scans it owns the session.',
    )
    .argument('[NAME...]', 'the session; nothing with --url')
    .option('--once', 'print the code that is valid now, and end')
    .option('--timeout <duration>', 'how long to wait for the link', '5m')
    .action(link);

  program
    .command('pair')
    .summary('link by a code that is typed on the phone')
    .description(
      'With --code, or --phone, shows the code to type on the phone (Linked devices, Link with phone number instead) ' +
        'until the session is Connected; otherwise the same as qr.',
    )
    .argument('[NAME...]', 'the session; nothing with --url')
    .option('--code', 'by a code instead of a QR code')
    .option('--phone <number>', 'ask for a code for this number, with country code')
    .option('--once', 'print the code that is valid now, and end')
    .option('--timeout <duration>', 'how long to wait for the link', '5m')
    .action(link);

  // The condition Ready of a session names this.
  program
    .command('code', { hidden: true })
    .argument('[NAME...]')
    .option('--once')
    .option('--timeout <duration>', '', '5m')
    .action((words: readonly string[], options: LinkOptions, command: Command) =>
      link(words, { ...options, code: true }, command),
    );
}

async function untilLinked(
  client: WhatsAppClient,
  { timeout, once = false }: LinkOptions,
  byCode: boolean,
  io: Io,
): Promise<void> {
  const timeoutMs = parseDuration(timeout);
  const deadline = io.now() + timeoutMs;
  const screen = new LinkScreen(io);
  for (let looks = 1; ; looks++) {
    const session = await sessionOf(client, io.signal);
    if (session?.state === 'Connected') {
      screen.end(linkedLine(session, looks === 1));
      return;
    }
    const code = session === undefined ? undefined : await codeOf(client, session, byCode, io.signal);
    if (code === undefined) screen.say(waitingLine(session));
    else screen.show(code);
    if (once && code !== undefined) return;
    if (io.now() >= deadline)
      throw new CommandError(
        exitCodes.timeout,
        `it was not linked within ${formatAge(timeoutMs)}`,
        'run it again; the session goes on',
      );
    await pause(EVERY_MS, io.signal);
  }
}

/** Undefined while it does not answer: a pod that starts is no reason to end. */
async function sessionOf(client: WhatsAppClient, signal: AbortSignal): Promise<Session | undefined> {
  try {
    return requireHope(await client.session({ signal, retry: false }));
  } catch (error) {
    if (error instanceof WhatsAppError && error.kind === 'retry') return undefined;
    throw error;
  }
}

/** @throws CommandError when it will not be linked whatever happens */
function requireHope(session: Session): Session {
  if (session.state !== 'Failed') return session;
  throw new CommandError(
    exitCodes.needsPerson,
    `the session has stopped: ${session.detail}`,
    'mend the cause, then restart it',
  );
}

/** The code of now, in words; undefined when there is none at this moment. */
async function codeOf(
  client: WhatsAppClient,
  { state, pairing }: Session,
  byCode: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (state !== 'Pairing' || pairing === null) return undefined;
  if (byCode && pairing.method === 'QRCode')
    throw new CommandError(
      exitCodes.usage,
      'the session shows a QR code, not a code to type',
      'give --phone with the number of the phone to change to a code',
    );
  try {
    if (pairing.method === 'PairingCode') {
      const { code, phoneNumber } = await client.pairingCode(undefined, { signal, retry: false });
      return `Code for ${phoneNumber}: ${code.slice(0, 4)}-${code.slice(4)}\nOn the phone: Linked devices, Link a device, Link with phone number instead.`;
    }
    const qr = await client.qrText({ signal, retry: false });
    return `${qr.trimEnd()}\nOn the phone: Linked devices, Link a device.`;
  } catch (error) {
    // It was used or replaced between two questions, or the pod went: the next look tells.
    if (error instanceof WhatsAppError && error.kind !== 'terminal') return undefined;
    throw error;
  }
}

function linkedLine({ account }: Session, already: boolean): string {
  const who =
    account === null
      ? ''
      : ` as ${printable(account.id.replace(/@c\.us$/, ''))}${account.name === null ? '' : ` (${printable(account.name)})`}`;
  return already ? `It is linked already${who}, and Connected.` : `Linked${who}, and Connected.`;
}

function waitingLine(session: Session | undefined): string {
  if (session === undefined) return 'The session does not answer yet.';
  return session.state === 'Pairing' ? 'Waiting for the code.' : `The session is ${session.state}.`;
}

/** Draws over what it drew before where a terminal allows that; otherwise only what is new. */
class LinkScreen {
  readonly #io: Io;
  #last = '';
  #lines = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  show(text: string): void {
    if (text === this.#last) return;
    this.#clear();
    this.#io.out(`${text}\n`);
    this.#last = text;
    this.#lines = text.split('\n').length;
  }

  say(text: string): void {
    if (text === this.#last) return;
    this.#clear();
    if (this.#io.isTerminal) {
      this.#io.out(`${text}\n`);
      this.#lines = 1;
    } else this.#io.err(`${text}\n`);
    this.#last = text;
  }

  end(text: string): void {
    this.#clear();
    this.#io.out(`${text}\n`);
  }

  #clear(): void {
    if (!this.#io.isTerminal || this.#lines === 0) return;
    this.#io.out(`\u001B[${this.#lines}A\u001B[J`);
    this.#lines = 0;
  }
}
