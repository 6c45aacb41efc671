import type { messageRoutes, RouteRequest, SendRequest } from '@whatsapp-operator/api/session';
import type { MediaStore, StagedMedia } from '../../media/media.ts';
import {
  type Accepted,
  acceptableContent,
  digestibleRequest,
  type Idempotency,
  type Message,
  needsFileForDigest,
  type Outbox,
  requestDigest,
  toResource,
} from '../../outbox/index.ts';
import type { MediaFetcher } from '../fetch-media.ts';
import { ProblemError } from '../problem-error.ts';
import { type Context, type Handlers, jsonReply, type Reply } from '../reply.ts';
import { checkMedia } from './check-media.ts';

export interface MessageParts {
  readonly outbox: Outbox;
  readonly media: MediaStore;
  readonly fetcher: MediaFetcher;
}

/** How long `wait` waits unless told otherwise. Seconds. */
const DEFAULT_WAIT = 10;

export function messageHandlers(parts: MessageParts): Handlers<keyof typeof messageRoutes> {
  const { outbox } = parts;
  return {
    sendMessage: async (request, context) => {
      const accepted = await accept(parts, request, context);
      return await answer(outbox, accepted, request.query, context);
    },
    getMessage: ({ params: { id } }) => {
      const message = outbox.get(id);
      if (message === undefined) throw new ProblemError('message_not_found', `there is no message ${id}`);
      return jsonReply(200, toResource(message));
    },
    listMessages: ({ query: { status, to, cursor, limit } }) => {
      const { messages, next } = outbox.list({ status, chatId: to, after: cursor, limit });
      return jsonReply(200, { messages: messages.map(toResource), next: next ?? null });
    },
    cancelMessage: ({ params: { id } }) => jsonReply(200, toResource(outbox.cancel(id))),
  };
}

/** From the request to the row on disk; a file is on the volume before the row that names it. */
async function accept(
  parts: MessageParts,
  { body, headers }: RouteRequest<'sendMessage'>,
  context: Context,
): Promise<Accepted> {
  const { outbox } = parts;
  const refusal = outbox.refusal();
  if (refusal !== undefined) throw refusal;
  const key = headers['idempotency-key'];
  const source = 'media' in body.content ? body.content.media : undefined;
  if (source === undefined && context.files.size > 0)
    throw new ProblemError('invalid_multipart', `a message of type ${body.content.type} has no file`);
  // What is to be fetched is known by its address: a repeated call does not fetch again.
  if (key !== undefined && source !== undefined && !needsFileForDigest(source)) {
    const known = outbox.recall(idempotencyOf(key, body, undefined));
    if (known !== undefined) return { message: known, replayed: true };
  }
  const staged = source === undefined ? undefined : await stage(parts, body, context);
  try {
    if (staged !== undefined) checkMedia(body.content.type, staged);
    return outbox.accept(
      {
        chatId: body.to,
        content: acceptableContent(body.content, staged),
        replyTo: body.replyTo,
        mentions: body.mentions,
        expiresAfterMs: body.expiresAfterSeconds === undefined ? undefined : body.expiresAfterSeconds * 1000,
      },
      key === undefined ? undefined : idempotencyOf(key, body, staged),
    );
  } finally {
    staged?.release();
  }
}

const idempotencyOf = (key: string, body: SendRequest, staged: StagedMedia | undefined): Idempotency => ({
  key,
  digest: requestDigest(digestibleRequest(body, staged)),
});

/** Brings the file of a message to the volume, wherever it comes from. */
async function stage(
  { media, fetcher }: MessageParts,
  body: SendRequest,
  context: Context,
): Promise<StagedMedia> {
  if (!('media' in body.content)) throw new TypeError('a message without a file has none to stage');
  const { media: source, filename, mimetype } = body.content;
  if ('part' in source) {
    const staged = context.files.get(source.part);
    if (staged !== undefined) return staged;
    throw new ProblemError('invalid_multipart', `no file came as part ${JSON.stringify(source.part)}`);
  }
  if ('data' in source)
    return await media.stage(Buffer.from(source.data, 'base64'), {
      filename,
      mimetype,
      signal: context.signal,
    });
  const fetched = await fetcher.fetch(source.url, context.signal);
  return await media.stage(fetched.body, {
    filename: filename ?? fetched.filename,
    mimetype: mimetype ?? fetched.mimetype,
    signal: context.signal,
  });
}

async function answer(
  outbox: Outbox,
  { message, replayed }: Accepted,
  { wait, timeout = DEFAULT_WAIT }: RouteRequest<'sendMessage'>['query'],
  { signal }: Context,
): Promise<Reply> {
  const headers = {
    location: `/api/v1/messages/${message.id}`,
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
  };
  if (wait === undefined) return jsonReply(202, toResource(message), headers);
  // WhatsApp acknowledges no delivery of a reaction.
  const target = message.type === 'reaction' ? 'sent' : wait;
  const seen = await outbox.wait(message.id, target, timeout * 1000, signal);
  return jsonReply(isOver(seen, target) ? 200 : 202, toResource(seen), headers);
}

/** Whether there is nothing left to wait for. */
function isOver({ status }: Message, target: 'sent' | 'delivered'): boolean {
  switch (status) {
    case 'queued':
    case 'sending':
      return false;
    case 'sent':
      return target === 'sent';
    default:
      return true;
  }
}
