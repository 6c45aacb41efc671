import { describe, expect, it } from 'vitest';
import { ApiError, type TransportCode } from './errors.ts';
import { backoffMs, decideRetry, parseRetryAfter, ReconnectPause } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

describe('the backoff', () => {
  it.each([
    { failures: 1, lowest: 400, highest: 800 },
    { failures: 3, lowest: 1600, highest: 3200 },
    { failures: 7, lowest: 15_000, highest: 30_000 },
    { failures: 5000, lowest: 15_000, highest: 30_000 },
  ])('after $failures failures is between $lowest and $highest ms', ({ failures, lowest, highest }) => {
    const backoff = { firstMs: 800, capMs: 30_000 };
    expect(backoffMs(backoff, failures, () => 0)).toBe(lowest);
    expect(backoffMs(backoff, failures, () => 1)).toBe(highest);
  });

  it('is small again after two minutes without failure', () => {
    const clock = new VirtualClock();
    const pause = new ReconnectPause(clock, () => 0);
    const pauses = [pause.afterFailure(), pause.afterFailure()];
    clock.jump(119_000);
    pauses.push(pause.afterFailure());
    clock.jump(120_000);
    pauses.push(pause.afterFailure());
    expect(pauses).toEqual([400, 800, 1600, 400]);
  });
});

describe('a failed request', () => {
  const rows: readonly (readonly [number | TransportCode, boolean, boolean, boolean])[] = [
    // code, idempotent, unsent, repeated
    [429, false, false, true],
    [503, true, false, true],
    [503, false, false, false],
    [500, true, false, false],
    [409, true, false, false],
    ['connection', true, false, true],
    ['connection', false, false, false],
    ['connection', false, true, true],
    ['timeout', true, false, false],
    ['not_leader', true, true, false],
  ];
  it.each(rows)('%s (idempotent: %s, unsent: %s) is repeated: %s', (code, idempotent, unsent, repeated) => {
    const error = new ApiError({ attempted: 'X', code });
    const question = {
      error,
      failures: 1,
      retriesAllowed: 3,
      idempotent,
      unsent,
      remainingMs: 9000,
      random: () => 0,
    };
    expect(decideRetry(question).kind).toBe(repeated ? 'retry' : 'give_up');
    expect(decideRetry({ ...question, failures: 4 }).kind).toBe('give_up');
  });
});

it.each([
  { header: undefined, ms: undefined },
  { header: '3', ms: 3000 },
  { header: 'Thu, 01 Jan 1970 00:01:00 GMT', ms: 50_000 },
  { header: 'Thu, 01 Jan 1970 00:00:00 GMT', ms: 0 },
  { header: 'soon', ms: undefined },
])('Retry-After: $header asks for $ms ms', ({ header, ms }) => {
  expect(parseRetryAfter(header, 10_000)).toBe(ms);
});
