/** Counters out of Prometheus' text format. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Every sample of a metric. */
export function samplesOf(scrape: string, metric: string): readonly Sample[] {
  const found: Sample[] = [];
  for (const line of scrape.split('\n')) {
    const match = /^(\w+)(?:\{(.*)\})? ([^ ]+)$/.exec(line);
    if (match?.[1] !== metric) continue;
    const labels = [...(match[2] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]);
    found.push({ labels: Object.fromEntries(labels), value: Number(match[3]) });
  }
  return found;
}

const WRITES: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE', 'APPLY'];

/**
 * Writes that an operator has asked for by its own count, repeated ones included. Its lease is renewed by PUT, which it
 * uses for nothing else.
 */
export const ownWrites = (scrape: string): number =>
  samplesOf(scrape, 'rest_client_requests_total')
    .filter(({ labels }) => ['POST', 'PATCH', 'DELETE'].includes(labels['method'] ?? ''))
    .reduce((sum, { value }) => sum + value, 0);

/** Writes of a kind by the API server's count, whoever made them: `pods`, `whatsappsessions/status`. */
export const servedWrites = (scrape: string, resource: string, verbs: readonly string[] = WRITES): number =>
  samplesOf(scrape, 'apiserver_request_total')
    .filter(({ labels }) => {
      const name = labels['subresource']
        ? `${labels['resource']}/${labels['subresource']}`
        : labels['resource'];
      return name === resource && verbs.includes(labels['verb'] ?? '') && !labels['dry_run'];
    })
    .reduce((sum, { value }) => sum + value, 0);

/** The value below which a share of all lies; the nearest one that was seen. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
