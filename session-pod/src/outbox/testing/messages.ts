import type { Attempt, Message } from '../message.ts';

/** A queued message, with whatever is different about it. */
export const aMessage = (different: Partial<Message> = {}): Message => ({
  seq: 1,
  id: '3EB0000000000000000001',
  chatId: '5511912345678@c.us',
  type: 'text',
  status: 'queued',
  outcome: undefined,
  whatsappId: undefined,
  ack: undefined,
  acceptedAt: 0,
  expiresAt: 1_000_000,
  nextAttemptAt: undefined,
  insertedAt: undefined,
  sentAt: undefined,
  deliveredAt: undefined,
  readAt: undefined,
  endedAt: undefined,
  mediaDigest: undefined,
  nudges: 0,
  checkAt: undefined,
  attempts: [],
  ...different,
});

/** An attempt that ended, with whatever is different about it. */
export const anAttempt = (outcome: Attempt['outcome'], different: Partial<Attempt> = {}): Attempt => ({
  number: 1,
  reason: 'first',
  begunAt: 10,
  endedAt: outcome === undefined ? undefined : 20,
  outcome,
  refusal: outcome === 'refused' ? 'not_a_member' : undefined,
  detail: undefined,
  ...different,
});
