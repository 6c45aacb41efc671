import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { pace } from '../../observability/rules/rule.ts';
import { ruleFile } from '../../observability/rules/rule-file.ts';

/** One thing that is scraped, and the labels that it gets. */
export interface Target {
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface FiringAlert {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port to be had');
  return address.port;
}

/** A real Prometheus that scrapes each second and knows the project's rules, at another pace than the clock's. */
export class PrometheusProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(server: string, times: number, targets: readonly Target[]): Promise<PrometheusProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
    await writeFile(join(folder, 'rules.yaml'), stringify(ruleFile(pace(times)), { lineWidth: 0 }));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: [
        {
          job_name: 'sessions',
          static_configs: targets.map(({ port, labels }) => ({ targets: [`127.0.0.1:${port}`], labels })),
        },
      ],
    };
    await writeFile(join(folder, 'prometheus.yaml'), stringify(config));
    const port = await freePort();
    const child = spawn(
      server,
      [
        `--config.file=${join(folder, 'prometheus.yaml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    return new PrometheusProcess(`http://127.0.0.1:${port}`, child, folder);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async ready(): Promise<boolean> {
    return await fetch(`${this.url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** The value of an expression now; throws what Prometheus objects to. */
  async query(expr: string): Promise<readonly Sample[]> {
    const { result } = await this.#ask<{
      readonly result: readonly {
        readonly metric: Sample['metric'];
        readonly value: readonly [number, string];
      }[];
    }>(`query?query=${encodeURIComponent(expr)}`);
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  async firing(): Promise<readonly FiringAlert[]> {
    const { alerts } = await this.#ask<{
      readonly alerts: readonly {
        readonly state: string;
        readonly labels: Readonly<Record<string, string>>;
        readonly annotations: Readonly<Record<string, string>>;
      }[];
    }>('alerts');
    return alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels, annotations }) => ({ alert: labels['alertname'] ?? '', labels, annotations }));
  }

  /** Rules whose last evaluation failed, with the error. */
  async failedRules(): Promise<readonly string[]> {
    const { groups } = await this.#ask<{
      readonly groups: readonly {
        readonly rules: readonly {
          readonly name: string;
          readonly health: string;
          readonly lastError?: string;
        }[];
      }[];
    }>('rules');
    return groups
      .flatMap(({ rules }) => rules)
      .filter(({ health }) => health === 'err')
      .map(({ name, lastError }) => `${name}: ${lastError}`);
  }

  async #ask<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}`);
    const answer = (await response.json()) as {
      readonly status: string;
      readonly data: T;
      readonly error?: string;
    };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  }
}
