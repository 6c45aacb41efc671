import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Registry } from 'prom-client';
import { createClient } from '../client.ts';
import type { Clock } from '../clock.ts';
import { createConnection } from '../connection.ts';
import { createMetrics } from '../metrics.ts';
import { createTransport, type Fence } from '../transport.ts';

/** Answers one request, as badly as it likes. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface BadServer {
  readonly url: string;
  /** `GET /path` of every request so far. */
  readonly requests: string[];
  readonly bodies: string[];
  readonly headers: IncomingMessage['headers'][];
  /** Connections accepted so far. */
  readonly connections: () => number;
  /** Answers for the next requests, in order; the last one stays. */
  answer(...answers: Answer[]): void;
  close(): Promise<void>;
}

/** A real HTTP server that misbehaves on request: for faults that an API server does not produce on demand. */
export async function startBadServer(...first: Answer[]): Promise<BadServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const bodies: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  let answers = first;
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    const index = bodies.push('') - 1;
    request.setEncoding('utf8').on('data', (text: string) => {
      bodies[index] += text;
    });
    request.on('end', () => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      answer?.(request, response);
    });
    request.on('error', () => {});
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    bodies,
    headers,
    connections: () => connections,
    answer: (...next) => {
      answers = next;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

export const failure = (
  code: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Answer =>
  json({ kind: 'Status', status: 'Failure', code, reason, message: `${reason} on purpose` }, code, headers);

/** Closes the connection without an answer. */
export const reset: Answer = (request) => {
  request.socket.resetAndDestroy();
};

/** Never answers. */
export const silence: Answer = () => {};

/** Sends the pieces as they are and then does what `end` says. */
export const pieces =
  (parts: readonly (string | Uint8Array)[], end: 'close' | 'reset' | 'stay', gapMs = 0): Answer =>
  async (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const part of parts) {
      response.write(part);
      await new Promise((resolve) => setTimeout(resolve, gapMs));
    }
    if (end === 'close') response.end();
    if (end === 'reset') request.socket.resetAndDestroy();
  };

export interface TestClientOptions {
  readonly fence?: Fence;
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly clock?: Clock;
  readonly connections?: number;
  readonly headers?: () => Readonly<Record<string, string>>;
}

/** A client of such a server, with its metrics. Retries are quick unless a clock is given. */
export function clientOf(server: { readonly url: string }, options: TestClientOptions = {}) {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  const connection = createConnection({
    access: async () => ({ server: server.url, headers: options.headers?.() ?? {}, tls: {} }),
    connections: options.connections ?? 16,
  });
  const transport = createTransport({
    connection,
    metrics,
    userAgent: 'test/1',
    random: () => 0,
    ...options,
  });
  return { client: createClient(transport, { fieldManager: 'tester' }), transport, registry, metrics };
}
