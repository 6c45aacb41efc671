import { describe, expect, it } from 'vitest';
import { chooseSteps } from './steps.ts';

const namesOf = (names: readonly string[], cluster?: string) =>
  chooseSteps(names, cluster)?.map((step) => step.name);

describe('the steps of a test run', () => {
  it('are all of them when none is named', () => {
    expect(namesOf([])).toEqual([
      'lint',
      'types',
      'generated',
      'unit',
      'conformance',
      'build',
      'chart',
      'images',
      'lifecycle',
      'cluster',
    ]);
  });

  it('run in their own order, however they are named', () => {
    expect(namesOf(['cluster', 'lint'])).toEqual(['lint', 'cluster']);
  });

  it('leave the local cluster out on an existing one, unless named', () => {
    expect(namesOf([], 'existing')).toEqual([
      'lint',
      'types',
      'generated',
      'unit',
      'conformance',
      'chart',
      'cluster',
    ]);
    expect(namesOf(['lifecycle'], 'existing')).toEqual(['lifecycle']);
  });

  it('are refused when a name is unknown', () => {
    expect(namesOf(['lint', 'nonsense'])).toBeUndefined();
  });
});
