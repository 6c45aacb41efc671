import type { AttemptOutcome, MessageStatus } from '@whatsapp-operator/api/session';
import type { Attempt, Message } from './message.ts';

/** What the record of a message proves by itself. Pure. */

/** These outcomes prove that the attempt did not send. */
const provesUnsent = (outcome: AttemptOutcome | undefined): boolean =>
  outcome === 'not_begun' || outcome === 'refused';

/** True when no attempt can have sent the message: what follows may be `failed`, `expired` or `cancelled`. */
export const isProvenUnsent = (message: Message): boolean =>
  message.insertedAt === undefined && message.attempts.every(({ outcome }) => provesUnsent(outcome));

/**
 * True when an earlier attempt was only given up because the page lacked the message: it may have arrived, so
 * whatever a later attempt proves about itself, the message may not be called failed.
 */
export const mayHaveLeftEarlier = (message: Message): boolean =>
  message.attempts.some(({ reason }) => reason === 'absent' || reason === 'repeatable');

/** Attempts that count against the limit. */
export const countedAttempts = (message: Message): readonly Attempt[] =>
  message.attempts.filter(({ outcome }) => outcome !== 'not_begun');

export const isOpen = ({ status }: Pick<Message, 'status'>): boolean =>
  status === 'queued' || status === 'sending';

export const isGivenUp = ({ status }: Pick<Message, 'status'>): boolean =>
  status === 'failed' || status === 'expired' || status === 'cancelled' || status === 'unknown';

/** How far a message has got; given up and open count as 0. */
export function rank(status: MessageStatus): number {
  switch (status) {
    case 'sent':
      return 1;
    case 'delivered':
      return 2;
    case 'read':
      return 3;
    case 'played':
      return 4;
    case 'queued':
    case 'sending':
    case 'failed':
    case 'expired':
    case 'cancelled':
    case 'unknown':
      return 0;
  }
}

/** A reaction has no id at WhatsApp, so nobody can be asked for it; setting it twice changes nothing. */
export const isRepeatable = ({ type }: Pick<Message, 'type'>): boolean => type === 'reaction';
