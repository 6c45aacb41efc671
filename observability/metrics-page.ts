import type { MetricDescription } from '../operator/src/describe-metrics.ts';
import { GENERATED, table } from '../session-pod/src/reference/markdown.ts';
import { operatorMetrics, processMetrics, sessionMetrics } from './catalogue.ts';

const rows = (metrics: readonly MetricDescription[]): string =>
  table(
    ['metric', 'type', 'labels', 'what it is'],
    metrics.map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  );

/** docs/reference/metrics.md. */
export const metricsPage = (): string => `${GENERATED}
# Metrics

Prometheus' text format, in base units. Every label has a closed list of values, but for those that name a session or a
version; none holds a phone number or a chat. What they are for, and how they get to a Prometheus:
[observability.md](../observability.md).

## The session pod
\`/metrics\` on the health port (8081). Counters and the histograms of sending and reconnecting lie in the database of
the session: a restart does not reset them, so \`increase()\` is exact. Those of which that is not true say so.

${rows(sessionMetrics())}

## The operator
\`/metrics\` on port 8080, under the names of client-go and controller-runtime where those have the same. They begin anew
with the process. Every replica shows what it has in its cache, so take the maximum over replicas of gauges about
sessions; only the leader acts, so take the sum over replicas of counters.

${rows(operatorMetrics())}

## Both processes
From prom-client; these begin anew with the process.

${rows(processMetrics())}
`;
