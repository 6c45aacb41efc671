import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressPlan, chooseRange, overlaps } from './addresses.ts';

describe('the addresses of a cluster', () => {
  it('lie inside its range and apart from each other', () => {
    const plan = addressPlan('10.161.0.0/16');
    for (const part of [plan.podRange, plan.serviceRange, `${plan.machine}/30`]) {
      expect(overlaps(plan.range, part)).toBe(true);
    }
    expect(overlaps(plan.podRange, plan.serviceRange)).toBe(false);
    expect(overlaps(`${plan.machine}/30`, plan.podRange)).toBe(false);
    expect(overlaps(plan.serviceRange, plan.dnsService)).toBe(true);
    expect(plan.apiService).toBe('10.161.128.1');
  });

  it.each([
    { inUse: [], expected: '10.160.0.0/16' },
    { inUse: ['10.160.3.0/24'], expected: '10.161.0.0/16' },
    { inUse: ['10.160.0.0/15', '192.168.1.0/24'], expected: '10.162.0.0/16' },
    { inUse: ['10.0.0.0/8'], expected: undefined },
  ])('are the first that nobody uses: $inUse -> $expected', ({ inUse, expected }) => {
    expect(chooseRange(inUse)).toBe(expected);
  });
});

describe('overlaps', () => {
  const network = fc
    .tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 8, max: 32 }),
    )
    .map(([second, third, bits]) => `10.${second}.${third}.0/${bits}`);

  it('is symmetric, and true of a network and itself', () => {
    fc.assert(
      fc.property(network, network, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        expect(overlaps(a, a)).toBe(true);
      }),
    );
  });
});
