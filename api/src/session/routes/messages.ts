import { z } from 'zod';
import { chatId } from '../chat-id.ts';
import { sendExamples } from '../examples.ts';
import {
  idempotencyKey,
  messagePageSchema,
  messageSchema,
  messageStatus,
  sendRequestSchema,
  waitTarget,
} from '../message.ts';
import { json, limit, route } from '../route.ts';

/** Routes about messages: handing one over, and what became of it. */

/** The longest that a request can wait for its message. Seconds. */
export const MAX_WAIT_SECONDS = 120;

export const waitSeconds = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,3})?s?$/, 'must be seconds, as 10 or 10s')
  .transform((written) => Number(written.replace('s', '')))
  .pipe(z.number().max(MAX_WAIT_SECONDS, `must be at most ${MAX_WAIT_SECONDS} seconds`))
  .meta({ description: `Seconds, as \`10\` or \`10s\`, at most ${MAX_WAIT_SECONDS}`, examples: ['10s'] });

const inMessage = z.strictObject({ id: messageSchema.shape.id });

export const messageRoutes = {
  sendMessage: route({
    method: 'POST',
    path: '/api/v1/messages',
    tag: 'Messages',
    summary: 'Accepts a message for sending',
    description:
      'Answers 202 as soon as the message is on disk; the session need not be connected. From then on it arrives ' +
      'exactly once, or its status says what became of it. With `wait` the answer comes when the message was sent ' +
      '(or delivered, which nobody is told of a reaction), has ended otherwise, or when the timeout is over, whichever is first.\n\n' +
      'Send an `Idempotency-Key` and the call itself is safe to repeat: the same key with the same body gives the ' +
      'first message again, with another body it is refused. Files come by URL, as base64, or as parts of a multipart request.',
    headers: z.strictObject({
      'idempotency-key': idempotencyKey
        .optional()
        .describe('Makes the call safe to repeat; a UUID of your own for each message is a good one'),
    }),
    query: z.strictObject({
      wait: waitTarget.optional().describe('Answers when the message has got that far'),
      timeout: waitSeconds.optional().describe('How long to wait; 10 seconds unless told otherwise'),
    }),
    body: sendRequestSchema,
    examples: sendExamples,
    otherBodies: {
      'multipart/form-data':
        'Files as parts, and either a part `message` with the JSON, in which `content.media` names the part of the ' +
        'file, or simply the fields `to`, `type` and optionally `caption` with the file as part `file`.',
    },
    answers: {
      202: json('Accepted, on disk', messageSchema, {
        Location: 'Where the message is found from now on',
        'Idempotent-Replayed': '`true` when the key was known and nothing new was accepted',
      }),
      200: json('Waited for: the message was sent, delivered, or ended otherwise', messageSchema, {
        Location: 'Where the message is found from now on',
        'Idempotent-Replayed': '`true` when the key was known and nothing new was accepted',
      }),
    },
    problems: [
      'invalid_json',
      'invalid_multipart',
      'payload_too_large',
      'unsupported_media_type',
      'unsupported_chat',
      'media_refused',
      'media_url_refused',
      'media_url_failed',
      'idempotency_key_reused',
      'storage_full',
      'storage_failed',
    ],
  }),
  getMessage: route({
    method: 'GET',
    path: '/api/v1/messages/:id',
    tag: 'Messages',
    summary: 'A message and what became of it',
    description: 'With every attempt that was made.',
    params: inMessage,
    answers: { 200: json('The message', messageSchema) },
    problems: ['message_not_found'],
  }),
  listMessages: route({
    method: 'GET',
    path: '/api/v1/messages',
    tag: 'Messages',
    summary: 'Messages, the oldest first',
    description: 'Page by page: pass `next` as `cursor` until it is null.',
    query: z.strictObject({
      status: messageStatus.optional(),
      to: chatId.optional(),
      cursor: z.string().max(256).optional(),
      limit: limit(100, 1000),
    }),
    answers: { 200: json('A page', messagePageSchema) },
    problems: ['unsupported_chat'],
  }),
  cancelMessage: route({
    method: 'DELETE',
    path: '/api/v1/messages/:id',
    tag: 'Messages',
    summary: 'Cancels a message that has certainly not been sent',
    description: 'Possible while it is `queued`. Cancelling it twice gives the same answer.',
    params: inMessage,
    answers: { 200: json('Cancelled', messageSchema) },
    problems: ['message_not_found', 'not_cancellable', 'storage_failed'],
  }),
} as const;
