import { expect, test } from 'vitest';
import { seriesIn } from './promql.ts';

test.each([
  ['up', ['up']],
  ['sum by (namespace, pod) (increase(a_total{reason!~"x|y"}[5m])) > 4.5', ['a_total']],
  ['a:b:max == bool 0 unless on (namespace) c == 1', ['a:b:max', 'c']],
  ['histogram_quantile(0.95, sum by (le) (rate(d_bucket[1h] offset 5m))) * 1e3', ['d_bucket']],
  ['label_replace(e, "pod", "$1", "session", "(.+)") or vector(0)', ['e']],
  ['absent(f)', ['f']],
])('%s', (expr, names) => {
  expect(seriesIn(expr)).toEqual(names);
});
