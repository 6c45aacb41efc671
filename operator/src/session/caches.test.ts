import { expect, test } from 'vitest';
import { keepWhatIsRead } from './caches.ts';
import { decide } from './decide.ts';
import { NOW, podOf, running, sessionOf, settings, waiting, worldOf } from './testing/factories.ts';

test.each([
  ['runs', running(true)],
  [
    'restarted',
    running(false, { restartCount: 2, lastState: { terminated: { exitCode: 1, reason: 'Error' } } }),
  ],
  ['waits', waiting('ImagePullBackOff', 'no such image')],
  ['is lost', { phase: 'Failed' as const, reason: 'Evicted', message: 'disk' }],
])('what the cache drops of a pod that %s changes no decision', (_name, status) => {
  const session = sessionOf({ image: 'other' });
  const whole = podOf(sessionOf(), status);
  const look = (pod: typeof whole) => {
    const { steps, status } = decide(worldOf(session, { pod }), settings, NOW);
    return { steps: steps.map(({ kind }) => kind), status };
  };
  expect(look(keepWhatIsRead(structuredClone(whole)))).toEqual(look(whole));
});
