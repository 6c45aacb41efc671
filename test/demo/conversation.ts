import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxClient } from '../../sandbox/src/client.ts';
import type { Session } from '../../sandbox/test/support/session.ts';
import { type AckSighting, ackLine } from './report.ts';

/** The person who is written to. */
const FRIEND = '4915700000000@c.us';
const PAUSE_MS = 400;
/** A message is read about a second after it was sent; a cut line costs a few more. */
const ACKS_MS = 20_000;

/** What the conversation needs. */
export interface ConversationParts {
  readonly session: Session;
  readonly sandbox: SandboxClient;
  readonly number: string;
  readonly say: (text: string) => void;
}

/**
 * Sends messages one after the other and cuts the line right behind one of them: the server has that message, and
 * its answer is lost. Says each message's acks when it was read. Returns the texts that were sent, once all that is over.
 */
export async function converse(
  parts: ConversationParts,
  count: number,
  cutBehind: number,
): Promise<string[]> {
  const { session, sandbox, number, say } = parts;
  const sent: string[] = [];
  const read: Promise<void>[] = [];
  for (let index = 1; index <= count; index++) {
    const text = `message ${index} of ${count}`;
    const { acks } = await send(session, text);
    sent.push(text);
    read.push(acks.then((sightings) => say(ackLine(text, sightings))));
    if (index === cutBehind) {
      await sandbox.call('addFault', { body: { account: number, fault: { kind: 'drop-socket' } } });
      say(`the line is cut behind ${text}, before the server could answer`);
    } else {
      await sleep(PAUSE_MS);
    }
  }
  await Promise.all(read);
  return sent;
}

/** Sends, and resolves when the page has taken the message; its acks are a promise of their own. */
async function send(
  { client }: Session,
  text: string,
): Promise<{ readonly acks: Promise<readonly AckSighting[]> }> {
  const began = performance.now();
  const sightings: AckSighting[] = [];
  // Acks can come before sendMessage has resolved, so they are told apart by the text.
  const acks = new Promise<readonly AckSighting[]>((resolve) => {
    const finish = () => {
      clearTimeout(late);
      client.off('message_ack', onAck);
      resolve(sightings);
    };
    const late = setTimeout(finish, ACKS_MS);
    const onAck = (message: { readonly body: string }, ack: number) => {
      if (message.body !== text) return;
      sightings.push({ ack, ms: performance.now() - began });
      if (ack < 0 || ack >= 3) finish();
    };
    client.on('message_ack', onAck);
  });
  await client.sendMessage(FRIEND, text);
  return { acks };
}
