export { Courier } from './courier.ts';
export { defaultWebhookSettings, type WebhookSettings } from './settings.ts';
export { type WebhookState, Webhooks } from './webhooks.ts';
