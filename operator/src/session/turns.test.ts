import { expect, test } from 'vitest';
import { at, NOW, sessionOf } from './testing/factories.ts';
import { Turns } from './turns.ts';

const replacing = (uid: string, secondsAgo: number) => {
  const session = sessionOf(
    {},
    {
      status: {
        conditions: [
          {
            type: 'Updating',
            status: 'True',
            reason: 'ReplacingPod',
            message: '',
            lastTransitionTime: at(secondsAgo),
          },
        ],
      },
    },
  );
  return { ...session, metadata: { ...session.metadata, uid } };
};
const turnsWith = (...sessions: readonly object[]) =>
  new Turns({ byIndex: () => sessions as never }, 300_000);

test('counts who the cluster says is on the way back, but oneself', () => {
  const turns = turnsWith(replacing('a', 10), replacing('b', 20));
  expect(turns.othersThan('a', NOW)).toBe(1);
  expect(turns.othersThan('c', NOW)).toBe(2);
});

test('counts nobody whose time is over', () => {
  expect(turnsWith(replacing('a', 301)).othersThan('c', NOW)).toBe(0);
});

test('counts at once whom this process let go, until the cluster shows it or half a minute is over', () => {
  const turns = turnsWith();
  turns.grant('a', NOW);
  expect(turns.othersThan('c', NOW)).toBe(1);
  expect(turns.othersThan('a', NOW)).toBe(0);
  expect(turns.othersThan('c', NOW + 31_000)).toBe(0);
});

test('counts nobody who was let go in vain', () => {
  const turns = turnsWith();
  turns.grant('a', NOW);
  turns.revoke('a');
  expect(turns.othersThan('c', NOW)).toBe(0);
});
