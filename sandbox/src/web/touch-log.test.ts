import { expect, test } from 'vitest';
import { TouchLog } from './touch-log.ts';

test('reports are merged, sorted and free of repetition', () => {
  const log = new TouchLog();
  log.add('1', { B: ['y', 'x'], A: ['z'] });
  log.add('2', { B: ['x', 'a'] });
  expect(log.report()).toEqual({ A: ['z'], B: ['a', 'x', 'y'] });
  expect(Object.keys(log.report())).toEqual(['A', 'B']);
});

test('the report of one account includes what was touched before it was linked', () => {
  const log = new TouchLog();
  log.add(null, { A: ['before'] });
  log.add('1', { A: ['one'] });
  log.add('2', { A: ['two'] });
  expect(log.report('1')).toEqual({ A: ['before', 'one'] });
});
