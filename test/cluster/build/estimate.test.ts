import { describe, expect, it } from 'vitest';
import { formatSeconds, remainingSeconds } from './estimate.ts';
import type { Program } from './program-set.ts';

const program = (name: string, expectedSeconds: number): Program => ({
  name,
  package: name,
  expectedSeconds,
});
const [server, agent, tool] = [program('server', 300), program('agent', 100), program('tool', 50)];

describe('the remaining time of a build', () => {
  it('is the sum of the measured times before anything has happened', () => {
    expect(remainingSeconds([], { program: server, seconds: 0 }, [agent, tool])).toBe(450);
  });

  it('doubles on a machine that took twice as long so far', () => {
    const finished = [{ program: server, seconds: 600, compiled: 2000 }];
    expect(remainingSeconds(finished, { program: agent, seconds: 0 }, [tool])).toBe(300);
  });

  it('takes no speed from a program that came out of the cache', () => {
    const finished = [{ program: server, seconds: 3, compiled: 0 }];
    expect(remainingSeconds(finished, { program: agent, seconds: 40 }, [tool])).toBe(110);
  });

  it('never counts below what still waits when the current program takes longer than measured', () => {
    expect(remainingSeconds([], { program: agent, seconds: 500 }, [tool])).toBe(50);
  });
});

describe('formatSeconds', () => {
  it.each([
    [0, '0s'],
    [59.6, '1m00s'],
    [75, '1m15s'],
    [4000, '1h06m'],
  ])('writes %d as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
