import { expect, test } from 'vitest';
import type { KubeObject, Live } from '../kube/objects.ts';
import { WrittenObjects } from './memory.ts';

const KEY = 'shop/sales';
const state = (resourceVersion: string): Live<KubeObject> =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'sales', resourceVersion } }) as never;

test.each([
  ['the answer, while the cache knows nothing', undefined, '10', '10'],
  ['the answer, while the cache lags behind', '9', '10', '10'],
  ['the cache, once it has the answer', '10', '10', '10'],
  ['the cache, when others wrote before the answer was noted', '11', '10', '11'],
  ['the greater number, not the greater text', '9', '100', '100'],
])('believes %s', (_name, cached, answer, believed) => {
  const written = new WrittenObjects({ get: () => (cached === undefined ? undefined : state(cached)) }, 1000);
  written.note(KEY, state(answer), 0);
  expect(written.get(KEY, 500)?.metadata.resourceVersion).toBe(believed);
});

test('believes no answer for longer than its time', () => {
  const written = new WrittenObjects({ get: () => undefined }, 1000);
  written.note(KEY, state('10'), 0);
  expect(written.get(KEY, 1000)).toBeUndefined();
});
