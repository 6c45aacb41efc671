import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { ERROR_STATUS, SandboxError } from '../errors.ts';
import { type RouteName, routes } from './contract.ts';
import type { Handlers } from './handlers.ts';
import { openApiDocument } from './openapi.ts';

type Log = (event: string, detail: Readonly<Record<string, unknown>>) => void;

/** A request as text, before the route's schemas have seen it. */
interface RawRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type AnyHandler = (request: RawRequest) => unknown;

interface Match {
  readonly name: RouteName;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a request; parameters are decoded. */
export function matchRoute(method: string, pathname: string): Match | undefined {
  const segments = pathname.split('/').map(decodeURIComponent);
  for (const name of Object.keys(routes) as RouteName[]) {
    const pattern = routes[name].path.split('/');
    if (routes[name].method !== method || pattern.length !== segments.length) continue;
    const pairs = pattern.map((part, index) => [part, segments[index] ?? ''] as const);
    if (pairs.every(([part, segment]) => part.startsWith(':') || part === segment)) {
      const params = pairs
        .filter(([part]) => part.startsWith(':'))
        .map(([part, segment]) => [part.slice(1), segment]);
      return { name, params: Object.fromEntries(params) };
    }
  }
  return undefined;
}

/** The HTTP server of the control API, on a port of its own and without a key: it is for a trusted machine. */
export function createControlServer(handlers: Handlers, log: Log): Server {
  return createServer((request, response) => {
    serve(handlers, request, response).catch((error: unknown) => fail(response, error, log));
  });
}

async function serve(handlers: Handlers, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  if (request.method === 'GET' && url.pathname === '/openapi.json') {
    respond(response, 200, openApiDocument());
    return;
  }
  const match = matchRoute(request.method ?? 'GET', url.pathname);
  if (match === undefined) throw new SandboxError('NOT_FOUND', `no route ${request.method} ${url.pathname}`);
  const route = routes[match.name];
  const valid = validate(match.name, {
    params: match.params,
    query: Object.fromEntries(url.searchParams),
    body: await readJson(request),
  });
  const result = await (handlers[match.name] as AnyHandler)(valid);
  if (route.format === 'json') {
    respond(response, 200, result);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  await pipeline(Readable.from(result as Iterable<string>), response);
}

function validate(name: RouteName, raw: RawRequest): RawRequest {
  const { params, query, body } = routes[name];
  const parsed = z.object({ params, query, body }).safeParse(raw);
  if (parsed.success) return parsed.data as RawRequest;
  throw new SandboxError('REQUEST_INVALID', z.prettifyError(parsed.error));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SandboxError('REQUEST_INVALID', 'the body is not JSON', { cause });
  }
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, error: unknown, log: Log): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof SandboxError) {
    respond(response, ERROR_STATUS[error.code], { error: { code: error.code, message: error.message } });
    return;
  }
  log('control request failed', { error: error instanceof Error ? error.stack : String(error) });
  respond(response, 500, { error: { code: 'INTERNAL', message: 'the sandbox failed; see its log' } });
}
