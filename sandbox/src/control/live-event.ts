import { z } from 'zod';
import { ledgerEntrySchema } from '../ledger/entry.ts';
import {
  accountSchema,
  chatSchema,
  faultEntrySchema,
  groupSchema,
  messageSchema,
  number,
  pendingLinkSchema,
} from './shapes.ts';

/**
 * What the push feed says. Every event carries the whole of what changed, as it is now: a caller puts it in the
 * place of what it had. Several changes of one thing at a time are one event.
 */
export const liveEventSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('hello'), ledger: z.int().describe("The ledger's last position") })
      .describe('The first event: what is read after it misses nothing'),
    z.strictObject({ kind: z.literal('account'), account: accountSchema }),
    z.strictObject({ kind: z.literal('links'), links: z.array(pendingLinkSchema) }),
    z.strictObject({ kind: z.literal('faults'), faults: z.array(faultEntrySchema) }),
    z.strictObject({ kind: z.literal('chat'), account: number, chat: chatSchema }),
    z.strictObject({ kind: z.literal('message'), account: number, message: messageSchema }),
    z.strictObject({ kind: z.literal('group'), group: groupSchema }),
    z.strictObject({ kind: z.literal('ledger'), entry: ledgerEntrySchema }),
  ])
  .meta({ id: 'LiveEvent' });

export type LiveEvent = z.output<typeof liveEventSchema>;
