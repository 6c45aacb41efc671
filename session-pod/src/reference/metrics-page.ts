import { Metrics } from '../metrics/registry.ts';
import { GENERATED, table } from './markdown.ts';

/** docs/reference/metrics.md, from the registry itself. */
export function metricsPage(): string {
  const metrics = new Metrics({
    counters: { snapshot: () => [] },
    engine: {
      get snapshot(): never {
        throw new Error('nothing is read for a description');
      },
    },
    outbox: {
      stats: () => {
        throw new Error('nothing is read for a description');
      },
    },
    inbox: {
      stats: () => {
        throw new Error('nothing is read for a description');
      },
    },
    webhooks: { list: () => [] },
    freeBytes: () => 0,
    now: () => 0,
  });
  const described = metrics.describe().map(({ name, type, labels, help }) => ({
    name,
    cells: [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help],
  }));
  const ours = described.filter(({ name }) => name.startsWith('whatsapp_'));
  const process = described.filter(({ name }) => !name.startsWith('whatsapp_'));
  const header = ['metric', 'type', 'labels', 'what it is'];
  return `${GENERATED}
# Metrics of the session pod

\`/metrics\` on the health port, in Prometheus' text format. Counters and the histograms of sending and reconnecting
lie in the database of the session: a restart does not reset them, so \`increase()\` is exact. No label holds a phone
number or a chat.

${table(
  header,
  ours.map(({ cells }) => cells),
)}

## The process
From prom-client; these begin anew with the process.

${table(
  header,
  process.map(({ cells }) => cells),
)}
`;
}
