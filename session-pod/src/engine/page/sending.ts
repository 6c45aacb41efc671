import type { Page } from 'puppeteer';
import type { Ack, OutboundContent, OutboundMessage, SendOutcome } from '../engine.ts';
import { firstLine } from '../faults.ts';
import { callAgent } from './agent-call.ts';
import type { Handover, Preflight } from './agent-sending.ts';
import { type LibraryMessage, RefusedContent, toLibrary } from './content.ts';
import type { PageWindow } from './internals.ts';
import type { LibraryClient } from './library-client.ts';

declare const window: PageWindow;
declare const document: { createElement(name: 'input'): { type: string } };

/** What puppeteer calls ElementHandle<HTMLInputElement>; the program's types know no DOM. */
interface FileInput {
  uploadFile(path: string): Promise<void>;
  dispose(): Promise<void>;
}

/** The library's word for media that the page could not make anything of. */
const BAD_MEDIA = /media-fault|Invalid media|cannot be decoded|could not be loaded|unsupported/i;

const text = (error: unknown): string => firstLine(error instanceof Error ? error.message : String(error));

const notBegun = (detail: string): SendOutcome => ({ kind: 'not_begun', detail });

/** Rejects after a time; what it waited for goes on. */
function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}

/**
 * One attempt to hand a message to the page. Never throws; says `refused` or
 * `not_begun` only while it is certain that the page's own queue was not told of the message.
 */
export async function sendMessage(
  client: LibraryClient,
  page: Page,
  message: OutboundMessage,
  preflightMs: number,
): Promise<SendOutcome> {
  const { content } = message;
  if (content.type === 'reaction') return sendReaction(page, content);
  try {
    const checked = await within(
      preflightMs,
      callAgent<Preflight>(page, 'prepare', {
        chatId: message.chatId,
        id: message.id,
        replyTo: message.replyTo,
      }),
    );
    if (checked.kind === 'known') return { kind: 'inserted', ack: checked.ack as Ack };
    if (checked.kind === 'refused') {
      return { kind: 'refused', code: checked.code, detail: 'the page says so' };
    }
  } catch (error) {
    return notBegun(`the page could not be asked first: ${text(error)}`);
  }
  return handOver(client, page, message, content);
}

async function handOver(
  client: LibraryClient,
  page: Page,
  message: OutboundMessage,
  content: Exclude<OutboundContent, { type: 'reaction' }>,
): Promise<SendOutcome> {
  let wanted: LibraryMessage;
  const conclude = () => callAgent<Handover>(page, 'conclude', { chatId: message.chatId, id: message.id });
  try {
    wanted = await toLibrary(content, message.id);
    if (wanted.file !== undefined) await stageFile(page, message.id, wanted.file);
  } catch (error) {
    await conclude().catch(() => undefined);
    return error instanceof RefusedContent
      ? { kind: 'refused', code: error.code, detail: error.message }
      : notBegun(text(error));
  }
  try {
    const sent = await client.sendMessage(message.chatId, wanted.content, {
      ...wanted.options,
      extra: { ...wanted.extra, sessionPodId: message.id },
      sendSeen: false,
      mentions: [...message.mentions],
      ...(message.replyTo === undefined
        ? {}
        : { quotedMessageId: message.replyTo, ignoreQuoteErrors: false }),
    });
    if (sent?.id?.id === message.id) return { kind: 'inserted', ack: sent.ack as Ack };
    const { inserted, ack } = await conclude();
    return inserted
      ? { kind: 'inserted', ack: (ack ?? 0) as Ack }
      : { kind: 'ambiguous', cause: 'no_result', detail: 'the library did not hand it to the page' };
  } catch (error) {
    return rejected(content, await conclude().catch(() => undefined), text(error));
  }
}

/** Lets the browser open a file, for the library to find. */
async function stageFile(
  page: Page,
  id: string,
  { path, filename, mimetype }: NonNullable<LibraryMessage['file']>,
): Promise<void> {
  const input = await page.evaluateHandle(() => {
    const made = document.createElement('input');
    made.type = 'file';
    return made;
  });
  const handle = input as unknown as FileInput;
  try {
    await handle.uploadFile(path);
    await page.evaluate(
      (given, owner, name, type) => {
        const stage = window.sessionPod?.['stageFile'] as ((...told: unknown[]) => void) | undefined;
        if (stage === undefined) throw new Error('session-pod: the page is new');
        stage(given, owner, name, type);
      },
      input,
      id,
      filename,
      mimetype,
    );
  } finally {
    await handle.dispose().catch(() => undefined);
  }
}

function rejected(content: OutboundContent, handover: Handover | undefined, detail: string): SendOutcome {
  if (handover?.handedOver === false) {
    if ('path' in content && BAD_MEDIA.test(detail)) {
      return { kind: 'refused', code: 'invalid_media', detail };
    }
    if (detail.includes('quoted message')) {
      return { kind: 'refused', code: 'quoted_message_not_found', detail };
    }
  }
  return { kind: 'ambiguous', cause: 'rejected', detail };
}

/** A reaction has no id; the page's promise is fulfilled once WhatsApp has it, and repeating one changes nothing. */
async function sendReaction(
  page: Page,
  { messageId, emoji }: Extract<OutboundContent, { type: 'reaction' }>,
): Promise<SendOutcome> {
  try {
    const found = await callAgent<boolean>(page, 'react', { messageId, emoji });
    return found
      ? { kind: 'inserted', ack: 1 }
      : { kind: 'refused', code: 'message_not_found', detail: 'the page does not know the message' };
  } catch (error) {
    return { kind: 'ambiguous', cause: 'rejected', detail: text(error) };
  }
}
