import type { AttemptReason, MessageStatus, OutcomeCode } from '@whatsapp-operator/api/session';
import type { Ack, SendOutcome } from '../engine/engine.ts';
import type { Attempt, Message } from './message.ts';
import { backoff, nextCheck } from './pace.ts';
import { countedAttempts, isGivenUp, isOpen, isProvenUnsent, isRepeatable, rank } from './proof.ts';
import type { OutboxSettings } from './settings.ts';

/** Every change that a message can go through: from what it is to what it becomes. Nothing else makes one. Pure. */

/** The attempt record, which is on disk before the page is called. */
export function begin(message: Message, reason: AttemptReason, now: number): Message {
  const attempt: Attempt = {
    number: (message.attempts.at(-1)?.number ?? 0) + 1,
    reason,
    begunAt: now,
    endedAt: undefined,
    outcome: undefined,
    refusal: undefined,
    detail: undefined,
  };
  return {
    ...message,
    status: 'sending',
    attempts: [...message.attempts, attempt],
    nextAttemptAt: undefined,
    insertedAt: undefined,
    ack: undefined,
  };
}

type Pace = Pick<OutboxSettings, 'backoffBaseMs' | 'backoffMaxMs' | 'trackMs'>;

/** What the call into the page came to. */
export function conclude(
  message: Message,
  outcome: SendOutcome,
  settings: Pace,
  now: number,
  random: number,
): Message {
  const kind = outcome.kind === 'ambiguous' ? outcome.cause : outcome.kind;
  const ended = endAttempt(message, {
    outcome: kind,
    endedAt: now,
    refusal: outcome.kind === 'refused' ? outcome.code : undefined,
    detail: outcome.kind === 'inserted' ? undefined : outcome.detail,
  });
  // Acknowledged, or given up, while the call ran: nothing that it says can take that back.
  if (!isOpen(ended)) return ended;
  switch (outcome.kind) {
    case 'inserted':
      // The page answers for a reaction when the server has taken it; there is nothing else to wait for.
      return found(ended, isRepeatable(ended) ? 1 : outcome.ack, settings, now, random);
    case 'not_begun':
      return {
        ...ended,
        status: isProvenUnsent(ended) ? 'queued' : 'sending',
        nextAttemptAt: now + backoff(1, settings, random),
      };
    case 'refused':
    case 'ambiguous':
      return { ...ended, nextAttemptAt: now + backoff(countedAttempts(ended).length, settings, random) };
  }
}

/** The process ended while the call ran, or before its outcome was on disk. */
export function interrupt(message: Message, now: number): Message {
  return endAttempt(message, {
    outcome: 'interrupted',
    endedAt: now,
    refusal: undefined,
    detail: 'the process ended before the outcome was known',
  });
}

/** The record is older than what happened: the message may have been handed over since. */
export function doubt(message: Message, now: number): Message {
  const reason = message.attempts.length === 0 ? 'first' : 'absent';
  return endAttempt(begin(message, reason, now), {
    outcome: 'interrupted',
    endedAt: now,
    refusal: undefined,
    detail: 'the data folder was restored from a copy, which does not know what happened since',
  });
}

/** The page has the message, and this is what it says of its acknowledgement. Never leads back. */
export function found(message: Message, ack: Ack, settings: Pace, now: number, random: number): Message {
  if (ack >= 1) return acknowledge(message, ack, settings, now);
  if (!isOpen(message)) return message;
  const seen = { ...message, ack, insertedAt: message.insertedAt ?? now };
  if (ack === 0 || message.ack === -1) return seen;
  return { ...seen, nextAttemptAt: now + backoff(countedAttempts(message).length, settings, random) };
}

const STATUS_OF_ACK: Readonly<Record<1 | 2 | 3 | 4, MessageStatus>> = {
  1: 'sent',
  2: 'delivered',
  3: 'read',
  4: 'played',
};

function acknowledge(message: Message, ack: Ack, { trackMs }: Pace, now: number): Message {
  const status = STATUS_OF_ACK[ack as 1 | 2 | 3 | 4];
  if (rank(status) <= rank(message.status)) return message;
  const sentAt = message.sentAt ?? now;
  return {
    ...message,
    status,
    ack,
    outcome: undefined,
    nextAttemptAt: undefined,
    insertedAt: message.insertedAt ?? now,
    sentAt,
    deliveredAt: ack >= 2 ? (message.deliveredAt ?? now) : message.deliveredAt,
    readAt: ack >= 3 ? (message.readAt ?? now) : message.readAt,
    endedAt: message.endedAt ?? now,
    checkAt: ack >= 3 || isRepeatable(message) ? undefined : nextCheck(sentAt, now, trackMs),
  };
}

/** Gives the message up. */
export function giveUp(
  message: Message,
  status: 'failed' | 'expired' | 'cancelled' | 'unknown',
  code: OutcomeCode,
  detail: string,
  settings: Pick<Pace, 'trackMs'>,
  now: number,
): Message {
  if (!isOpen(message)) return message;
  return {
    ...message,
    status,
    outcome: { code, detail },
    nextAttemptAt: undefined,
    endedAt: now,
    // What is not known may become known: an acknowledgement can still come.
    checkAt:
      status === 'unknown' && !isRepeatable(message) ? nextCheck(now, now, settings.trackMs) : undefined,
  };
}

/** The page was asked about a message that has left or was given up, and knows nothing new. */
export function checked(message: Message, { trackMs }: Pick<Pace, 'trackMs'>, now: number): Message {
  const since = isGivenUp(message) ? message.endedAt : message.sentAt;
  return { ...message, checkAt: nextCheck(since ?? now, now, trackMs) };
}

/** A step was taken because the acknowledgement stayed away. */
export const nudged = (message: Message, step: 'reconnect_socket' | 'restart_engine'): Message => ({
  ...message,
  nudges: Math.max(message.nudges, step === 'reconnect_socket' ? 1 : 2),
});

function endAttempt(
  message: Message,
  end: Pick<Attempt, 'outcome' | 'endedAt' | 'refusal' | 'detail'>,
): Message {
  const attempts = message.attempts.map((attempt) =>
    attempt.outcome === undefined ? { ...attempt, ...end } : attempt,
  );
  return { ...message, attempts };
}
