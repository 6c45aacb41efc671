import { WhatsAppError } from './errors.ts';
import type { Message, MessageStatus, Session } from './generated/contract.ts';
import { pause } from './http/pause.ts';

/** Waiting for a message or a session to get somewhere: what holds is judged here, asking is the caller's. */

/** How far a message can be waited for. */
export type MessageGoal = 'sent' | 'delivered' | 'read' | 'played';

/** How far a message has come; undefined when it ended otherwise than sent. */
function stage(status: MessageStatus): number | undefined {
  switch (status) {
    case 'queued':
    case 'sending':
      return 0;
    case 'sent':
      return 1;
    case 'delivered':
      return 2;
    case 'read':
      return 3;
    case 'played':
      return 4;
    case 'failed':
    case 'expired':
    case 'cancelled':
    case 'unknown':
      return undefined;
  }
}

/** Whether the message is there; undefined when it will not get there any more. */
export function hasReached({ status }: Pick<Message, 'status'>, goal: MessageGoal): boolean | undefined {
  const come = stage(status);
  return come === undefined ? undefined : come >= (stage(goal) ?? 0);
}

export type SessionVerdict = 'connected' | 'wait' | 'pairing_required' | 'failed';

/** Whether a session is on its way to Connected by itself. */
export function sessionVerdict({ state }: Pick<Session, 'state'>): SessionVerdict {
  switch (state) {
    case 'Connected':
      return 'connected';
    case 'Pairing':
      return 'pairing_required';
    case 'Failed':
      return 'failed';
    case 'Starting':
    case 'Syncing':
    case 'Disconnected':
    case 'LoggedOut':
    case 'Stopped':
      return 'wait';
  }
}

export interface WaitOptions {
  /** How long at most. Milliseconds; default 120000. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_WAIT_MS = 120_000;
/** Pauses between two questions, at first and at most. Milliseconds. */
const FIRST_PAUSE = 150;
const LONGEST_PAUSE = 2_000;

/** What a question came to. */
export type Look<T> = { readonly done: true; readonly value: T } | { readonly done: false; readonly seen: T };

/**
 * Asks until it is done, ever more slowly.
 *
 * @throws WhatsAppError `timeout`; whatever `ask` throws
 */
export async function poll<T>(
  what: string,
  ask: (remainingMs: number) => Promise<Look<T>>,
  { timeoutMs = DEFAULT_WAIT_MS, signal }: WaitOptions,
  sentOf: (seen: T) => Message | undefined = () => undefined,
  now: () => number = Date.now,
): Promise<T> {
  const deadline = now() + timeoutMs;
  let between = FIRST_PAUSE;
  for (;;) {
    signal?.throwIfAborted();
    const look = await ask(Math.max(1, deadline - now()));
    if (look.done) return look.value;
    const remaining = deadline - now();
    if (remaining <= 0)
      throw new WhatsAppError('timeout', 'retry', `${what} took longer than ${timeoutMs} ms`, {
        sent: sentOf(look.seen),
      });
    await pause(Math.min(between, remaining), signal);
    between = Math.min(between * 1.5, LONGEST_PAUSE);
  }
}
