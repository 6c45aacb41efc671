import { expect, it } from 'vitest';
import { readCommand } from './options.ts';

it('lets the simulated phone scan unless a person wants to', () => {
  expect(readCommand([])).toEqual({ kind: 'run', byHand: false });
  expect(readCommand(['--by-hand'])).toEqual({ kind: 'run', byHand: true });
});

it('explains itself, and refuses what it does not know', () => {
  expect(readCommand(['-h'])).toEqual({ kind: 'help' });
  expect(readCommand(['--by-hnad'])).toMatchObject({
    kind: 'wrong',
    problem: expect.stringContaining('--by-hnad'),
  });
});
