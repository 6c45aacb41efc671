import { Counter, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import { type CounterFamily, counterDefinitions } from '../store/counters.ts';
import { ProcessorTime, type ProcessTime, readBrowserTimes } from './browser-cpu.ts';
import { type GaugeSources, gaugeDefinitions } from './gauges.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import { readBrowserMemory } from './process-tree.ts';

export interface MetricsSources extends GaugeSources {
  /** The counters on disk: exact over restarts. */
  readonly counters: { readonly snapshot: () => readonly CounterFamily[] };
  readonly browserTimes?: () => Promise<readonly ProcessTime[]>;
}

export interface RequestObservation {
  /** The route's path with its parameters unfilled, or `other`. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** Scrapes within this time share one look at the browser's memory, which is not cheap. Milliseconds. */
const MEMORY_LIFETIME_MS = 5000;

/**
 * All metrics of the session pod. Counters come from the database at each scrape, gauges from what they measure; only
 * the duration of HTTP requests and the metrics of the Node process begin anew with the process.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters: MetricsSources['counters'];
  readonly #requests: Histogram<'route' | 'method' | 'status'>;
  #families = new Map<string, CounterFamily>();

  constructor(sources: MetricsSources) {
    this.#counters = sources.counters;
    const cached: GaugeSources = {
      ...sources,
      browserMemory: cachedFor(MEMORY_LIFETIME_MS, sources.now, sources.browserMemory ?? readBrowserMemory),
    };
    for (const { name, help, type } of Object.values(counterDefinitions)) {
      this.#registry.registerMetric(this.#stored(name, help, type));
    }
    for (const definition of gaugeDefinitions) this.#registry.registerMetric(gauge(definition, cached));
    this.#registry.registerMetric(browserSeconds(sources.browserTimes ?? readBrowserTimes));
    this.#requests = new Histogram({
      name: 'whatsapp_http_request_seconds',
      help: 'Time to answer requests to the API, waiting for a message included; counts since the start of the process',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
      registers: [this.#registry],
    });
    collectProcessMetrics(this.#registry);
  }

  observeRequest({ route, method, status, seconds }: RequestObservation): void {
    this.#requests.observe({ route, method, status: String(status) }, seconds);
  }

  /** The text that Prometheus reads, and its content type. */
  async scrape(): Promise<{ readonly contentType: string; readonly text: string }> {
    this.#families = new Map(this.#counters.snapshot().map((family) => [family.name, family]));
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  /** Name, kind, labels and explanation of every metric, for the documentation. */
  describe(): readonly {
    readonly name: string;
    readonly type: string;
    readonly help: string;
    readonly labels: readonly string[];
  }[] {
    return this.#registry.getMetricsAsArray().map((metric) => {
      const { name, help, type, labelNames } = metric as unknown as {
        readonly name: string;
        readonly help: string;
        readonly type?: string;
        readonly labelNames?: readonly string[];
      };
      return { name, help, type: type ?? metric.constructor.name.toLowerCase(), labels: labelNames ?? [] };
    });
  }

  /** A metric whose values lie in the database, in the shape that the registry asks its metrics for. */
  #stored(name: string, help: string, type: 'counter' | 'histogram'): Metric<string> {
    const definition = Object.values(counterDefinitions).find((each) => each.name === name);
    const values = () =>
      (this.#families.get(name)?.samples ?? []).map((sample) => ({
        metricName: sample.name,
        labels: sample.labels,
        value: sample.value,
      }));
    return {
      name,
      help,
      type,
      labelNames: Object.keys(definition?.labels ?? {}),
      get: async () => ({ name, help, type, aggregator: 'sum', values: values() }),
      reset: () => {},
    } as unknown as Metric<string>;
  }
}

function gauge(
  { name, help, labels, read }: (typeof gaugeDefinitions)[number],
  sources: GaugeSources,
): Gauge {
  return new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [],
    async collect() {
      this.reset();
      const samples = await read(sources);
      // A gauge without labels is 0 after reset; one that is not known is better absent.
      if (samples.length === 0) this.remove();
      for (const sample of samples) this.set(sample.labels, sample.value);
    },
  });
}

function browserSeconds(read: () => Promise<readonly ProcessTime[]>): Counter {
  const sum = new ProcessorTime();
  return new Counter({
    name: 'whatsapp_browser_cpu_seconds_total',
    help: 'Processor time that the browser with all its processes has used; counts since the start of this process',
    registers: [],
    async collect() {
      const total = sum.add(await read());
      this.reset();
      this.inc(total);
    },
  });
}

function cachedFor<T>(lifetimeMs: number, now: () => number, read: () => Promise<T>): () => Promise<T> {
  let readAt = Number.NEGATIVE_INFINITY;
  let value: Promise<T> | undefined;
  return () => {
    if (value === undefined || now() - readAt >= lifetimeMs) {
      readAt = now();
      value = read();
    }
    return value;
  };
}
