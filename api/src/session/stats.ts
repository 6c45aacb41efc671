import { z } from 'zod';
import { eventType } from './event.ts';
import { messageStatus } from './message.ts';
import { timestamp } from './status.ts';
import { deliveryOutcome } from './webhook.ts';

/** The session's accounts: everything that was counted over the life of the data folder, and whether it adds up. */

const count = z.int().min(0);

export const statsSchema = z
  .strictObject({
    events: z
      .strictObject({
        logId: z.string(),
        first: z.int().describe('The oldest event that is still there'),
        last: count.describe('The newest event; as many were ever written'),
        bytes: count.describe('Of all payloads in the log'),
        oldestAt: timestamp.nullable(),
        byType: z.record(eventType, count).describe('Ever written'),
        lost: count.describe('Pruned before every webhook had them'),
        chatsToRead: count.describe('Chats whose history waits to be read back'),
        settledAt: timestamp.nullable().describe('When log and history last agreed'),
      })
      .meta({ id: 'EventStats' }),
    outbox: z
      .strictObject({
        accepted: count,
        onRecord: z.record(messageStatus, count),
        sent: count.describe('Ended as sent'),
        givenUp: count.describe('Ended otherwise'),
        corrected: count.describe('Of those given up, proved to be sent after all'),
      })
      .meta({ id: 'OutboxStats' }),
    webhooks: z
      .strictObject({
        deliveries: z.record(deliveryOutcome, count).describe('Attempts, by outcome'),
        pending: count,
        deadLetters: count.describe('On record now'),
      })
      .meta({ id: 'WebhookStats' }),
    checks: z
      .array(z.strictObject({ what: z.string(), expected: z.int(), counted: z.int() }))
      .describe('Sums that must agree'),
    balanced: z.boolean().describe('Whether they all do'),
  })
  .meta({ id: 'Stats' });
export type Stats = z.infer<typeof statsSchema>;
