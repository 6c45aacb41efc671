import { z } from 'zod';
import { json, limit, route } from '../route.ts';
import {
  deadLetterSchema,
  deliverySchema,
  webhookChange,
  webhookId,
  webhookSchema,
  webhookWish,
} from '../webhook.ts';

/** Routes about webhooks. */

const inWebhook = z.strictObject({ id: webhookId });

export const webhookRoutes = {
  listWebhooks: route({
    method: 'GET',
    path: '/api/v1/webhooks',
    tag: 'Webhooks',
    summary: 'All webhooks, and how far each has come',
    description: 'Those of the settings and those of the API.',
    answers: { 200: json('The webhooks', z.strictObject({ webhooks: z.array(webhookSchema) })) },
  }),
  createWebhook: route({
    method: 'POST',
    path: '/api/v1/webhooks',
    tag: 'Webhooks',
    summary: 'Sends events to an address',
    description:
      'At least once, in order within each chat: the next event of a chat is sent when the one before was answered ' +
      'with 2xx, or given up. Chats and webhooks do not wait for each other. Deduplicate by `id` of the envelope.',
    body: webhookWish,
    examples: {
      messages: {
        id: 'crm',
        url: 'https://example.com/whatsapp',
        events: ['message', 'message.ack'],
        secrets: ['a-secret-of-at-least-16-characters'],
      },
    },
    answers: { 201: json('It begins', webhookSchema) },
    problems: [
      'invalid_json',
      'payload_too_large',
      'unsupported_media_type',
      'webhook_exists',
      'webhook_url_refused',
      'webhook_limit',
      'storage_failed',
      'storage_full',
    ],
  }),
  getWebhook: route({
    method: 'GET',
    path: '/api/v1/webhooks/:id',
    tag: 'Webhooks',
    summary: 'A webhook, and how far it has come',
    description: 'With what waits for it.',
    params: inWebhook,
    answers: { 200: json('The webhook', webhookSchema) },
    problems: ['webhook_not_found'],
  }),
  changeWebhook: route({
    method: 'PATCH',
    path: '/api/v1/webhooks/:id',
    tag: 'Webhooks',
    summary: 'Changes a webhook',
    description:
      'It goes on where it was. Enabled again after a pause it gets what happened meanwhile, as far as the log still has it.',
    params: inWebhook,
    body: webhookChange,
    answers: { 200: json('As it is now', webhookSchema) },
    problems: [
      'invalid_json',
      'payload_too_large',
      'unsupported_media_type',
      'webhook_not_found',
      'webhook_of_settings',
      'webhook_url_refused',
      'storage_failed',
      'storage_full',
    ],
  }),
  deleteWebhook: route({
    method: 'DELETE',
    path: '/api/v1/webhooks/:id',
    tag: 'Webhooks',
    summary: 'Ends a webhook',
    description: 'Its position and its dead letters are forgotten.',
    params: inWebhook,
    answers: { 200: json('As it was', webhookSchema) },
    problems: ['webhook_not_found', 'webhook_of_settings', 'storage_failed'],
  }),
  listDeliveries: route({
    method: 'GET',
    path: '/api/v1/webhooks/:id/deliveries',
    tag: 'Webhooks',
    summary: 'The newest attempts, the newest first',
    description: 'The last thousand are kept.',
    params: inWebhook,
    query: z.strictObject({ limit: limit(100, 1000) }),
    answers: { 200: json('The attempts', z.strictObject({ deliveries: z.array(deliverySchema) })) },
    problems: ['webhook_not_found'],
  }),
  listDeadLetters: route({
    method: 'GET',
    path: '/api/v1/webhooks/:id/dead-letters',
    tag: 'Webhooks',
    summary: 'Events that were given up, the oldest first',
    description: 'They stay in the log, and can be sent again by redrive while they are there.',
    params: inWebhook,
    query: z.strictObject({
      after: z.coerce.number().int().min(0).default(0),
      limit: limit(100, 1000),
    }),
    answers: { 200: json('The dead letters', z.strictObject({ deadLetters: z.array(deadLetterSchema) })) },
    problems: ['webhook_not_found'],
  }),
  redriveWebhook: route({
    method: 'POST',
    path: '/api/v1/webhooks/:id/redrive',
    tag: 'Webhooks',
    summary: 'Sends dead letters again',
    description: 'Under the same event ids. Without `events`, all of them.',
    params: inWebhook,
    body: z.strictObject({ events: z.array(z.int().min(1)).min(1).max(1000).optional() }),
    answers: {
      202: json('So many are sent again', z.strictObject({ redriven: z.int().min(0) })),
    },
    problems: [
      'invalid_json',
      'payload_too_large',
      'unsupported_media_type',
      'webhook_not_found',
      'storage_failed',
      'storage_full',
    ],
  }),
} as const;
