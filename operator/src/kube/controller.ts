import type { ObjectKey } from './key.ts';

/** What becomes of a key after a reconcile that did not throw. */
export type Result =
  /** Nothing to do until something changes. */
  | { readonly kind: 'done' }
  /** Look again after this long, at the latest: a change wakes it earlier. */
  | { readonly kind: 'requeue'; readonly afterMs: number };

export const done: Result = { kind: 'done' };
export const requeueAfter = (afterMs: number): Result => ({ kind: 'requeue', afterMs });

export interface ReconcileContext {
  /** Aborted at the deadline and at shutdown. Pass it to every request. */
  readonly signal: AbortSignal;
  /** Failures of this key in a row, before this time. */
  readonly failures: number;
}

/**
 * Brings the world of one key nearer to what is asked for; called again and again, so that it may stop anywhere. What
 * it throws decides what follows: {@link TerminalError} and errors of class `terminal` wait for a change, everything
 * else is repeated with backoff, not before a `retryAfterMs` that the error carries.
 */
export type Reconcile = (key: ObjectKey, context: ReconcileContext) => Promise<Result>;

/** Repeating does not help: somebody has to change the object first. */
export class TerminalError extends Error {
  readonly class = 'terminal';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'TerminalError';
  }
}
