import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/**
 * Health and metrics over HTTP, without authentication: `/healthz` (restart me if this fails), `/readyz` (do not
 * count on me yet), `/metrics`. Guarantees: answers as long as the event loop turns, and names what fails. A check
 * that throws has failed.
 */
export interface ProbesOptions {
  readonly port: number;
  /** Default: all addresses. */
  readonly host?: string;
  readonly registry: Registry;
  readonly healthy: Checks;
  readonly ready: Checks;
}

/** By name; each is quick and true while all is well. */
export type Checks = Readonly<Record<string, () => boolean>>;

export interface Probes {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens. Rejects when the port cannot be had. */
export async function serveProbes(options: ProbesOptions): Promise<Probes> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, 'only GET');
    } else if (path === '/healthz' || path === '/livez') {
      answerChecks(response, options.healthy);
    } else if (path === '/readyz') {
      answerChecks(response, options.ready);
    } else if (path === '/metrics') {
      void answerMetrics(response, options.registry);
    } else {
      answer(response, 404, 'not here: /healthz, /readyz, /metrics');
    }
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { port, host }: ProbesOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function answerChecks(response: ServerResponse, checks: Checks): void {
  const results = Object.entries(checks).map(([name, check]) => ({ name, ok: passes(check) }));
  const failed = results.some(({ ok }) => !ok);
  const lines = results.map(({ name, ok }) => `[${ok ? '+' : '-'}] ${name} ${ok ? 'ok' : 'failed'}`);
  answer(response, failed ? 503 : 200, [...lines, failed ? 'failed' : 'ok'].join('\n'));
}

function passes(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

async function answerMetrics(response: ServerResponse, registry: Registry): Promise<void> {
  try {
    const text = await registry.metrics();
    answer(response, 200, text, registry.contentType);
  } catch (error) {
    answer(response, 500, error instanceof Error ? error.message : String(error));
  }
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(text.endsWith('\n') ? text : `${text}\n`);
}
