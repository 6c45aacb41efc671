import {
  describeMetrics as describeOperator,
  type MetricDescription,
} from '../operator/src/describe-metrics.ts';
import { describeMetrics as describeSession } from '../session-pod/src/reference/describe-metrics.ts';

/** Every metric that the project has, from the programs that have them: nothing here is written down twice. */

const isOurs = ({ name }: MetricDescription): boolean => name.startsWith('whatsapp_');

/** Of the session pod, without those that every Node process has. */
export const sessionMetrics = (): readonly MetricDescription[] => describeSession().filter(isOurs);

/** Those that every Node process has: session pods and operators. */
export const processMetrics = (): readonly MetricDescription[] =>
  describeSession().filter((metric) => !isOurs(metric));

/** Of the operator, likewise without those. */
export const operatorMetrics = (): readonly MetricDescription[] => describeOperator();

/** Names of the series that these metrics have: a histogram is three. */
export const seriesNames = (metrics: readonly MetricDescription[]): readonly string[] =>
  metrics.flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
