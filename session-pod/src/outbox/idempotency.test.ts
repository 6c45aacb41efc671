import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, requestDigest } from './idempotency.ts';

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  );
};

describe('the digest of a request', () => {
  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(requestDigest(shuffled(value))).toBe(requestDigest(value));
      }),
    );
  });

  it('depends on everything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        fc.pre(canonicalJson(a) !== canonicalJson(b));
        expect(requestDigest(a)).not.toBe(requestDigest(b));
      }),
    );
  });

  it.each([
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: '1' }, { a: 1 }],
    [{ a: null }, {}],
  ])('tells %j from %j', (a, b) => {
    expect(requestDigest(a)).not.toBe(requestDigest(b));
  });

  it('leaves out members that are undefined', () => {
    expect(requestDigest({ a: 1, b: undefined })).toBe(requestDigest({ a: 1 }));
  });
});
