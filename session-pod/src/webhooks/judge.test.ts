import { describe, expect, it } from 'vitest';
import { type AttemptResult, backoff, type Failing, judge, parseRetryAfter } from './judge.ts';

const settings = { maxAttempts: 3, retryForMs: 10_000, backoffBaseMs: 1000, backoffMaxMs: 60_000 };
const NOW = 1_000_000;
const status = (code: number, retryAfterMs?: number): AttemptResult => ({
  kind: 'answered',
  status: code,
  retryAfterMs,
});
const silence: AttemptResult = { kind: 'unanswered', detail: 'ECONNREFUSED' };
const failing = (refusals: number, attempts: number, firstAt = NOW): Failing => ({
  refusals,
  attempts,
  firstAt,
});

describe('what follows from an attempt', () => {
  it.each<readonly [string, AttemptResult, Failing | undefined, string]>([
    ['200', status(200), undefined, 'delivered'],
    ['204 after failures', status(204), failing(2, 9), 'delivered'],
    ['410', status(410), undefined, 'gone'],
    ['a first 500', status(500), undefined, 'retry'],
    ['the last 500 that is allowed', status(500), failing(2, 2), 'dead'],
    ['a redirect, which is not followed', status(302), undefined, 'retry'],
    ['a refusal after much silence', status(400), failing(0, 50), 'retry'],
    ['503, however often', status(503), failing(0, 50), 'retry'],
    ['429, however often', status(429), failing(0, 50), 'retry'],
    ['silence, however often', silence, failing(0, 50), 'retry'],
    ['silence for too long', silence, failing(0, 5, NOW - 10_000), 'dead'],
    ['503 for too long', status(503), failing(0, 5, NOW - 10_000), 'dead'],
    ['an address that is not allowed', { kind: 'target-refused', detail: '' }, undefined, 'retry'],
  ])('%s', (_what, result, before, kind) => {
    expect(judge(result, before, NOW, 0.5, settings).kind).toBe(kind);
  });

  it('waits at least as long as the receiver asks for, within reason', () => {
    const nextAt = (result: AttemptResult) => {
      const verdict = judge(result, undefined, NOW, 0.5, settings);
      return verdict.kind === 'retry' ? verdict.nextAt - NOW : undefined;
    };
    expect(nextAt(status(503))).toBe(500);
    expect(nextAt(status(503, 30_000))).toBe(30_000);
    expect(nextAt(status(503, 100 * 3_600_000))).toBe(3_600_000);
  });
});

it.each([
  [1, 1000],
  [2, 2000],
  [5, 16_000],
  [50, 60_000],
])('attempt %i waits at most %i ms', (attempts, ms) => {
  expect(backoff(attempts, 1, settings)).toBe(ms);
  expect(backoff(attempts, 0, settings)).toBe(0);
});

it.each([
  ['120', 120_000],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 8000],
  ['Wed, 21 Oct 2015 07:27:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s', (written, ms) => {
  expect(parseRetryAfter(written, Date.parse('Wed, 21 Oct 2015 07:27:52 GMT'))).toBe(ms);
});
