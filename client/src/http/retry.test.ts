import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type ErrorCode, type ErrorKind, WhatsAppError } from '../errors.ts';
import { type AttemptFacts, decideRetry, defaultRetryPolicy, parseRetryAfter } from './retry.ts';

const error = (code: ErrorCode, kind: ErrorKind, retryAfterMs?: number) =>
  new WhatsAppError(code, kind, code, { retryAfterMs });

const facts = (changes: Partial<AttemptFacts>): AttemptFacts => ({
  error: error('unreachable', 'retry'),
  attempts: 1,
  elapsedMs: 0,
  repeatability: 'safe',
  ...changes,
});
const decide = (changes: Partial<AttemptFacts>, random = 0.5) =>
  decideRetry(facts(changes), defaultRetryPolicy, random);

describe('a request that failed', () => {
  test.each<[string, Partial<AttemptFacts>, unknown]>([
    ['is repeated when it is safe and may help', {}, { kind: 'retry', afterMs: 100 }],
    ['waits longer every time', { attempts: 4 }, { kind: 'retry', afterMs: 800 }],
    ['waits no longer than the cap', { attempts: 60 }, { kind: 'retry', afterMs: 5_000 }],
    [
      'waits at least as long as it is asked to',
      { error: error('shutting_down', 'retry', 5_000) },
      { kind: 'retry', afterMs: 5_100 },
    ],
    [
      'is given up when Retry-After lies behind the deadline',
      { error: error('storage_full', 'retry', 600_000) },
      { kind: 'give_up', why: 'deadline' },
    ],
    ['is given up at the deadline', { elapsedMs: 119_950 }, { kind: 'give_up', why: 'deadline' }],
    [
      'is given up when it is wrong in itself',
      { error: error('invalid_request', 'terminal') },
      { kind: 'give_up', why: 'terminal' },
    ],
    [
      'is given up when it contradicts an earlier one',
      { error: error('idempotency_key_reused', 'conflict') },
      { kind: 'give_up', why: 'terminal' },
    ],
    [
      'is not repeated while the state of the session is what is wrong',
      { error: error('not_connected', 'retry') },
      { kind: 'give_up', why: 'state' },
    ],
    [
      'is not repeated when it may have had its effect',
      { repeatability: 'only_if_refused' },
      { kind: 'give_up', why: 'not_repeatable' },
    ],
    [
      'is repeated even so when it was certainly refused',
      { repeatability: 'only_if_refused', error: error('shutting_down', 'retry') },
      { kind: 'retry', afterMs: 100 },
    ],
  ])('%s', (_, changes, expected) => {
    expect(decide(changes)).toEqual(expected);
  });

  it('never waits beyond its deadline, and never less than Retry-After', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.nat(200_000),
        fc.option(fc.nat(100_000), { nil: undefined }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, elapsedMs, retryAfterMs, random) => {
          const decision = decide(
            { attempts: attempts + 1, elapsedMs, error: error('unreachable', 'retry', retryAfterMs) },
            random,
          );
          if (decision.kind === 'give_up') return elapsedMs + (retryAfterMs ?? 0) + 10_000 >= 120_000;
          return (
            decision.afterMs >= (retryAfterMs ?? 0) &&
            elapsedMs + decision.afterMs <= defaultRetryPolicy.deadlineMs
          );
        },
      ),
    );
  });
});

test.each<[string | null, number | undefined]>([
  ['5', 5_000],
  ['0', 0],
  ['1.5', 1_500],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 9_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After %j means %j ms', (header, expected) => {
  expect(parseRetryAfter(header, 1_000)).toBe(expected);
});
