import type { Webhook, webhookRoutes } from '@whatsapp-operator/api/session';
import type { WebhookState, Webhooks } from '../../webhooks/index.ts';
import { type Handlers, jsonReply } from '../reply.ts';

const iso = (at: number): string => new Date(at).toISOString();

export function webhookHandlers(webhooks: Webhooks): Handlers<keyof typeof webhookRoutes> {
  return {
    listWebhooks: () => jsonReply(200, { webhooks: webhooks.list().map(describeWebhook) }),
    createWebhook: ({ body }) => jsonReply(201, describeWebhook(webhooks.create(body))),
    getWebhook: ({ params: { id } }) => jsonReply(200, describeWebhook(webhooks.get(id))),
    changeWebhook: ({ params: { id }, body }) => jsonReply(200, describeWebhook(webhooks.change(id, body))),
    deleteWebhook: ({ params: { id } }) => jsonReply(200, describeWebhook(webhooks.delete(id))),
    listDeliveries: ({ params: { id }, query: { limit } }) =>
      jsonReply(200, {
        deliveries: webhooks.attempts(id, limit).map(({ at, status, ...rest }) => ({
          ...rest,
          at: iso(at),
          status: status ?? null,
        })),
      }),
    listDeadLetters: ({ params: { id }, query: { after, limit } }) =>
      jsonReply(200, {
        deadLetters: webhooks
          .deadLetters(id, after, limit)
          .map(({ event, chat, attempts, firstAt, detail }) => ({
            event,
            chat: chat === '' ? null : chat,
            attempts,
            firstTriedAt: iso(firstAt),
            detail,
          })),
      }),
    redriveWebhook: ({ params: { id }, body }) =>
      jsonReply(202, { redriven: webhooks.redrive(id, body.events) }),
  };
}

export function describeWebhook(state: WebhookState): Webhook {
  const { endpoint, deliveredTo, pending, oldestPendingAt, failing, dead } = state;
  return {
    id: endpoint.id,
    url: endpoint.url,
    events: endpoint.events === undefined ? null : [...endpoint.events],
    enabled: endpoint.enabled,
    disabledReason: endpoint.disabledReason ?? null,
    source: endpoint.source,
    secrets: endpoint.secrets.length,
    createdAt: iso(endpoint.createdAt),
    deliveredTo,
    pending,
    oldestPendingSeconds:
      oldestPendingAt === undefined ? null : Math.max(0, (Date.now() - oldestPendingAt) / 1000),
    failingChats: failing,
    deadLetters: dead,
  };
}
