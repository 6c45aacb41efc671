import process from 'node:process';
import { Session } from '../../../sandbox/test/support/session.ts';

/**
 * The bare library as its tutorials use it, in a process of its own: full Chromium with the library's defaults,
 * linked by code. Told what to do by its parent; tells the browser's process group and how long things took.
 */

export type BareCommand = {
  readonly kind: 'send';
  readonly chats: readonly string[];
  readonly count: number;
  readonly atOnce: number;
};

export type BareAnswer =
  | { readonly kind: 'ready'; readonly browserGroup: number }
  | { readonly kind: 'sent'; readonly seconds: number; readonly confirmed: number };

/** What it is started with, as JSON in its first argument. */
export interface BareOptions {
  readonly profile: string;
  readonly phone: string;
  readonly browser: string;
  readonly browserArgs: readonly string[];
}

const tell = (answer: BareAnswer) => process.send?.(answer);

async function send(
  session: Session,
  { chats, count, atOnce }: BareCommand,
): Promise<{ readonly seconds: number; readonly confirmed: number }> {
  const began = performance.now();
  let next = 0;
  let confirmed = 0;
  const caller = async () => {
    for (let number = next++; number < count; number = next++) {
      const chat = chats[number % chats.length] ?? '';
      const sent = await session.client.sendMessage(chat, `bench ${number}`, { waitUntilMsgSent: true });
      if (sent !== undefined && sent.ack >= 1) confirmed++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return { seconds: (performance.now() - began) / 1000, confirmed };
}

async function main({ profile, phone, browser, browserArgs }: BareOptions): Promise<void> {
  const session = new Session({ profile, phone, executable: browser, protocolTimeout: 60_000 }, browserArgs);
  session.start();
  await session.next('ready', 60_000);
  const browserGroup = session.client.pupBrowser?.process()?.pid;
  if (browserGroup === undefined) throw new Error('the library has no browser');
  process.on('message', (command: BareCommand) => {
    void send(session, command).then((result) => tell({ kind: 'sent', ...result }));
  });
  process.on('disconnect', () => void session.kill().then(() => process.exit(0)));
  tell({ kind: 'ready', browserGroup });
}

await main(JSON.parse(process.argv[2] ?? '') as BareOptions);
