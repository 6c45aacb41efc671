import type { AttemptReason, OutcomeCode } from '@whatsapp-operator/api/session';
import type { LookupResult } from '../engine/engine.ts';
import type { Message } from './message.ts';
import { countedAttempts, isProvenUnsent, isRepeatable, mayHaveLeftEarlier } from './proof.ts';
import type { OutboxSettings } from './settings.ts';

/** What the page said of the message, since the page was loaded and since the last attempt. */
export type Finding = Exclude<LookupResult, { readonly kind: 'unavailable' }>;

/** What is known about the session, as far as it matters to one message. */
export interface SessionView {
  readonly connected: boolean;
  /** Connected, with nothing done about the line since. Milliseconds since 1970. */
  readonly quietSince: number;
}

export interface Situation {
  /** Queued or sending, with no call running for it. */
  readonly message: Message;
  /** Undefined when the page has not been asked. */
  readonly finding: Finding | undefined;
  /** Whether the recipient is on WhatsApp; undefined when that has not been asked. */
  readonly registration: 'registered' | 'unregistered' | 'unavailable' | undefined;
  /** The page was asked in vain for as long as the ack timeout: the call may still run in it, and insert late. */
  readonly unanswered: boolean;
  readonly session: SessionView;
  readonly settings: Pick<OutboxSettings, 'maxAttempts' | 'ackTimeoutMs' | 'unproven'>;
  readonly now: number;
}

export type Decision =
  /** Hand it over. */
  | { readonly kind: 'attempt'; readonly reason: AttemptReason }
  /** Ask the page for its id. */
  | { readonly kind: 'ask' }
  /** Ask whether the recipient has an account. */
  | { readonly kind: 'ask_registration' }
  /** The server has it. */
  | { readonly kind: 'acknowledged'; readonly ack: 1 | 2 | 3 | 4 }
  | {
      readonly kind: 'wait';
      readonly reason: 'not_connected' | 'backoff' | 'ack';
      /** Undefined: until something happens. */
      readonly until: number | undefined;
    }
  /** Do something about the line or the page, for all messages at once. */
  | {
      readonly kind: 'recover';
      readonly step: 'reconnect_socket' | 'restart_engine';
      readonly reason: 'ack_overdue' | 'no_answer';
    }
  | {
      readonly kind: 'end';
      readonly status: 'failed' | 'expired' | 'unknown';
      readonly code: OutcomeCode;
      readonly detail: string;
    };

/**
 * What to do about an open message now. The rows of docs/delivery.md, in code.
 *
 * Nothing that may have been sent is handed over again unless the page, asked after the call had certainly ended,
 * lacks it; nothing that may have been sent is called failed.
 */
export function decide(situation: Situation): Decision {
  const { message, finding, now } = situation;
  if (finding?.kind === 'found' && finding.ack >= 1) {
    return { kind: 'acknowledged', ack: finding.ack as 1 | 2 | 3 | 4 };
  }
  if (now >= message.expiresAt) return decideExpired(situation);
  if (isProvenUnsent(message)) return decideUnsent(situation);
  if (!situation.session.connected) return wait('not_connected');
  if (situation.unanswered) return { kind: 'recover', step: 'restart_engine', reason: 'no_answer' };
  if (isRepeatable(message)) return decideRepeatable(situation);
  if (finding === undefined) return { kind: 'ask' };
  if (finding.kind === 'absent') return decideAbsent(situation);
  return finding.ack === 0 ? decideUnacknowledged(situation) : decideGivenUpByPage(situation);
}

/** Its time is over: the end depends on what is proven, and the page is asked once more if it can be. */
function decideExpired({ message, finding, session, unanswered }: Situation): Decision {
  if (isProvenUnsent(message)) {
    return {
      kind: 'end',
      status: 'expired',
      code: 'expired',
      detail: 'its time was over before it was sent',
    };
  }
  const unknown = (checked: string): Decision => ({
    kind: 'end',
    status: 'unknown',
    code: 'expired',
    detail: `its time is over; ${checked}`,
  });
  if (isRepeatable(message)) return unknown('a reaction cannot be asked for');
  if (finding === undefined) {
    if (!session.connected) {
      return unknown('WhatsApp Web could not be asked, because the session was not connected');
    }
    return unanswered ? unknown('WhatsApp Web was asked and did not answer') : { kind: 'ask' };
  }
  if (finding.kind === 'absent') return unknown('WhatsApp Web was asked and does not have it');
  if (finding.ack === -1) return rejectedByPage(message);
  return unknown('WhatsApp Web was asked and has it, without an acknowledgement of the server');
}

/** No attempt can have sent it: either it was refused for good, or it is its turn. */
function decideUnsent(situation: Situation): Decision {
  const { message, session, now } = situation;
  const last = message.attempts.at(-1);
  const refusal = refusalOf(message);
  if (refusal !== undefined) return decideRefused(situation, refusal);
  if (!session.connected) return wait('not_connected');
  if (message.nextAttemptAt !== undefined && now < message.nextAttemptAt) {
    return wait('backoff', message.nextAttemptAt);
  }
  return { kind: 'attempt', reason: last === undefined ? 'first' : 'not_begun' };
}

function decideRepeatable(situation: Situation): Decision {
  const { message, finding } = situation;
  const refusal = refusalOf(message);
  // The page does not know it, but answers only when no call for it is running any more.
  if (message.attempts.at(-1)?.outcome === 'timeout' && finding === undefined) return { kind: 'ask' };
  if (refusal === undefined) return attemptAgain(situation, 'repeatable');
  return endUnsent(situation.message, refusal.code, refusal.detail);
}

/** The page refused it for a cause that is known; that it has nothing of it is made sure first. */
function decideRefused(situation: Situation, { code, detail }: Refusal): Decision {
  const { message, finding, session } = situation;
  if (isRepeatable(message)) return endUnsent(message, code, detail);
  if (finding === undefined) return session.connected ? { kind: 'ask' } : wait('not_connected');
  if (finding.kind === 'absent') return endUnsent(message, code, detail);
  return finding.ack === 0 ? decideUnacknowledged(situation) : rejectedByPage(message);
}

interface Refusal {
  readonly code: OutcomeCode;
  readonly detail: string;
}

/** Why the last attempt was refused; undefined when it was not. */
function refusalOf({ attempts }: Message): Refusal | undefined {
  const last = attempts.at(-1);
  if (last?.outcome !== 'refused' || last.refusal === undefined) return undefined;
  return { code: last.refusal, detail: last.detail ?? 'WhatsApp Web refused it' };
}

/** Begun, and the page lacks it: most likely not sent. */
function decideAbsent(situation: Situation): Decision {
  const { message, registration, settings } = situation;
  const last = message.attempts.at(-1);
  const refusal = refusalOf(message);
  if (refusal !== undefined) return decideRefused(situation, refusal);
  if (last?.outcome === 'no_result' && message.chatId.endsWith('@c.us')) {
    if (registration === undefined) return { kind: 'ask_registration' };
    if (registration === 'unregistered') {
      return endUnsent(message, 'not_on_whatsapp', 'the number has no account on WhatsApp');
    }
  }
  if (settings.unproven === 'hold') {
    return {
      kind: 'end',
      status: 'unknown',
      code: 'not_proven',
      detail:
        'it was handed over, WhatsApp Web was asked and does not have it, and by the settings it is not sent again',
    };
  }
  return attemptAgain(situation, 'absent');
}

/** The page has it and the server has not: its own queue sends it, so it is never handed over again. */
function decideUnacknowledged({ message, session, settings, now }: Situation): Decision {
  const since = Math.max(message.insertedAt ?? now, session.quietSince);
  const overdueAt = since + settings.ackTimeoutMs;
  if (now < overdueAt) return wait('ack', overdueAt);
  switch (message.nudges) {
    case 0:
      return { kind: 'recover', step: 'reconnect_socket', reason: 'ack_overdue' };
    case 1:
      return { kind: 'recover', step: 'restart_engine', reason: 'ack_overdue' };
    default:
      return wait('ack', message.expiresAt);
  }
}

/** The page has it and gave up: once more under the same id, and then it has failed. */
function decideGivenUpByPage(situation: Situation): Decision {
  const { message } = situation;
  const retried = countedAttempts(message).some(({ reason }) => reason === 'gave_up');
  if (retried) return rejectedByPage(message);
  if (countedAttempts(message).length >= situation.settings.maxAttempts) return rejectedByPage(message);
  return attemptAgain(situation, 'gave_up');
}

function attemptAgain({ message, settings, now }: Situation, reason: AttemptReason): Decision {
  const made = countedAttempts(message).length;
  if (made >= settings.maxAttempts) {
    return {
      kind: 'end',
      status: 'unknown',
      code: 'attempts_exhausted',
      detail: `${made} attempts were made, and nothing proves that one of them was sent or that none was`,
    };
  }
  if (message.nextAttemptAt !== undefined && now < message.nextAttemptAt) {
    return wait('backoff', message.nextAttemptAt);
  }
  return { kind: 'attempt', reason };
}

const rejectedByPage = (message: Message): Decision =>
  endUnsent(message, 'rejected_by_whatsapp', 'WhatsApp Web has it and reports that it could not be sent');

/** The last attempt is proven not to have sent; the message is, too, unless an earlier one may have. */
function endUnsent(message: Message, code: OutcomeCode, detail: string): Decision {
  if (!mayHaveLeftEarlier(message)) return { kind: 'end', status: 'failed', code, detail };
  return {
    kind: 'end',
    status: 'unknown',
    code,
    detail: `${detail}; but an earlier attempt, of which WhatsApp Web knows nothing, may have been sent`,
  };
}

const wait = (reason: 'not_connected' | 'backoff' | 'ack', until?: number): Decision => ({
  kind: 'wait',
  reason,
  until,
});
