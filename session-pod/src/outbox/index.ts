export { acceptableContent, digestibleRequest, needsFileForDigest } from './content.ts';
export type {
  Accepted,
  AcceptRequest,
  Idempotency,
  ListQuery,
  MessageSlice,
  Outbox,
  OutboxFailure,
  OutboxFailureCode,
  OutboxStats,
} from './contract.ts';
export { requestDigest } from './idempotency.ts';
export { type Attempt, type Message, toResource } from './message.ts';
export { createOutbox, type OutboxOptions } from './outbox.ts';
export { defaultOutboxSettings, type OutboxSettings } from './settings.ts';
