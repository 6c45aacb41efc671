import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemSchema, type Route, routes } from '@whatsapp-operator/api/session';
import type { InboundEngine } from '../../engine/inbound.ts';
import { silentInbound } from '../../engine/testing/silent-inbound.ts';
import { createLog } from '../../log.ts';
import { type SessionPod, startSessionPod } from '../../session-pod.ts';
import { readSettings } from '../../settings/settings.ts';
import { ScriptedEngine } from './scripted-engine.ts';

export const KEY = 'a-key-of-the-tests-0123456789';

/** A whole session pod but for the browser, on free ports, with its own data folder. */
export interface TestPod extends SessionPod {
  readonly engine: ScriptedEngine;
  readonly folder: string;
  readonly url: string;
  readonly healthUrl: string;
  readonly logged: readonly string[];
  /** A request with the key. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
  /** Stops, and removes the folder. */
  readonly remove: () => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

export async function startTestPod(
  environment: Readonly<Record<string, string>> = {},
  inbound: InboundEngine = silentInbound,
): Promise<TestPod> {
  const folder = environment['DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'session-pod-'));
  const engine = new ScriptedEngine(inbound);
  const logged: string[] = [];
  const settings = readSettings({
    PORT: '0',
    HEALTH_PORT: '0',
    HOST: '127.0.0.1',
    API_KEY: KEY,
    DATA_DIR: folder,
    SENDING_RATE_PER_MINUTE: '6000',
    ...environment,
  });
  const log = createLog('debug', 'test', { write: (line: string) => void logged.push(line) });
  const pod = await startSessionPod(settings, {
    log,
    makeEngine: () => engine,
    onFatal: (error) => {
      throw error;
    },
  });
  const url = `http://127.0.0.1:${pod.apiPort}`;
  return {
    ...pod,
    engine,
    folder,
    url,
    healthUrl: `http://127.0.0.1:${pod.healthPort}`,
    logged,
    call: (method, path, body, headers = {}) =>
      request(url, method, path, body, { 'x-api-key': KEY, ...headers }),
    remove: async () => {
      await pod.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function request(
  url: string,
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof FormData;
  const isForm = body instanceof FormData || body === undefined;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(isForm ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: raw ? (body as FormData) : JSON.stringify(body) }),
  });
  const type = response.headers.get('content-type') ?? '';
  if (type === 'text/event-stream') {
    // It has no end.
    await response.body?.cancel();
    return { status: response.status, headers: response.headers, body: undefined };
  }
  const answer = type.includes('json') ? await response.json() : Buffer.from(await response.arrayBuffer());
  if (type.includes('json')) checkAgainstContract(method, path, response.status, answer);
  return { status: response.status, headers: response.headers, body: answer };
}

/** Every answer of every test is what the contract says it is, or the test fails. */
function checkAgainstContract(method: string, path: string, status: number, answer: unknown): void {
  if (status >= 400) {
    problemSchema.parse(answer);
    return;
  }
  const pathname = path.split('?', 1)[0] ?? '';
  const route = Object.values<Route>(routes).find(
    (each) =>
      each.method === method && new RegExp(`^${each.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(pathname),
  );
  const content = route?.answers[status]?.content.find((each) => each.type === 'json');
  if (content?.type !== 'json') throw new Error(`the contract has no ${status} for ${method} ${pathname}`);
  content.schema.parse(answer);
}

/** Writes bytes to a port as they are, and gives all that comes back until the other side closes. */
export function rawExchange(port: number, bytes: string | Uint8Array, end = false): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.on('error', () => {});
  socket.on('close', () => resolve(Buffer.concat(received).toString('latin1')));
  socket.on('connect', () => (end ? socket.end(bytes) : socket.write(bytes)));
  return promise;
}
