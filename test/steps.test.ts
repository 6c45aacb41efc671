import { describe, expect, it } from 'vitest';
import { chooseSteps, steps } from './steps.ts';

const namesOf = (names: readonly string[], cluster?: string) =>
  chooseSteps(names, cluster)?.map((step) => step.name);

const every = steps.map(({ name }) => name);
/** What is about the local cluster, or needs its programs. */
const local = ['build', 'images', 'lifecycle'];

describe('the steps of a test run', () => {
  it('are all of them when none is named', () => {
    expect(namesOf([])).toEqual(every);
    expect(every).toEqual(expect.arrayContaining(['lint', 'types', 'unit', ...local, 'cluster']));
  });

  it('run in their own order, however they are named', () => {
    expect(namesOf(['cluster', 'lint'])).toEqual(['lint', 'cluster']);
  });

  it('leave the local cluster out on an existing one, unless named', () => {
    expect(namesOf([], 'existing')).toEqual(every.filter((name) => !local.includes(name)));
    expect(namesOf(['lifecycle'], 'existing')).toEqual(['lifecycle']);
  });

  it('are refused when a name is unknown', () => {
    expect(namesOf(['lint', 'nonsense'])).toBeUndefined();
  });
});
