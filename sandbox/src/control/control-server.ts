import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { ERROR_STATUS, SandboxError } from '../errors.ts';
import type { Subscription } from '../live/subscription.ts';
import type { PhonePage } from '../phone/phone-page.ts';
import { type RouteName, routes } from './contract.ts';
import type { Handlers, ServedFile } from './handlers.ts';
import type { LiveEvent } from './live-event.ts';
import { matchRoute } from './match-route.ts';
import { openApiDocument } from './openapi.ts';

type Log = (event: string, detail: Readonly<Record<string, unknown>>) => void;

/** The largest request: a file of 100 MB in base64, and words around it. */
const MAX_BODY_BYTES = 140 * 1024 * 1024;

/** How often a silent push feed sends a comment, so that either side notices when the other is gone. */
const HEARTBEAT_MS = 15_000;

/** A request as text, before the route's schemas have seen it. */
interface RawRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type AnyHandler = (request: RawRequest) => unknown;

/** The HTTP server of the control API, on a port of its own and without a key: it is for a trusted machine. */
export function createControlServer(handlers: Handlers, page: PhonePage, log: Log): Server {
  return createServer((request, response) => {
    serve(handlers, page, request, response).catch((error: unknown) => fail(response, error, log));
  });
}

async function serve(
  handlers: Handlers,
  page: PhonePage,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const url = parseUrl(request);
  if (method === 'GET' && url.pathname === '/openapi.json') {
    respond(response, 200, openApiDocument());
    return;
  }
  const file = await (['GET', 'HEAD'].includes(method) ? page.get(url.pathname) : undefined);
  if (file !== undefined) {
    response.writeHead(200, file.headers);
    response.end(file.body);
    return;
  }
  refuseForeignOrigin(request, method);
  const match = matchRoute(method, url.pathname);
  if (match === undefined) throw new SandboxError('NOT_FOUND', `no route ${method} ${url.pathname}`);
  const valid = validate(match.name, {
    params: match.params,
    query: Object.fromEntries(url.searchParams),
    body: await readJson(request),
  });
  const answer = await (handlers[match.name] as AnyHandler)(valid);
  switch (routes[match.name].format) {
    case 'json':
      respond(response, 200, answer);
      return;
    case 'ndjson':
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      await pipeline(Readable.from(answer as Iterable<string>), response);
      return;
    case 'events':
      await push(response, answer as Subscription<LiveEvent>);
      return;
    case 'bytes':
      serveFile(response, answer as ServedFile);
  }
}

function parseUrl(request: IncomingMessage): URL {
  const base = 'http://sandbox';
  const url = URL.parse(`${base}${request.url ?? '/'}`);
  if (url === null) throw new SandboxError('REQUEST_INVALID', 'the address cannot be read');
  return url;
}

/**
 * A page of another origin may send requests that change something without being asked whether it may. Programs
 * name no origin.
 */
function refuseForeignOrigin({ headers }: IncomingMessage, method: string): void {
  if (method === 'GET' || headers.origin === undefined) return;
  if (URL.parse(headers.origin)?.host !== headers.host) {
    throw new SandboxError('FOREIGN_ORIGIN', `a page of ${headers.origin} may not steer this sandbox`);
  }
}

/** Sends events for as long as the caller stays. */
async function push(response: ServerResponse, events: Subscription<LiveEvent>): Promise<void> {
  response.once('close', () => events.close());
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    await pipeline(Readable.from(toFrames(events)), response);
  } catch (error) {
    // The caller left, which is how this ends.
    if (!response.destroyed) throw error;
  } finally {
    clearInterval(heartbeat);
    events.close();
  }
}

async function* toFrames(events: AsyncIterable<LiveEvent>): AsyncGenerator<string> {
  // A browser that lost the line comes back after this many milliseconds.
  yield 'retry: 1000\n\n';
  for await (const event of events) yield `data: ${JSON.stringify(event)}\n\n`;
}

/** A file is named by its bytes, so it never changes; nothing in it may run on the control API's origin. */
function serveFile(response: ServerResponse, { type, bytes }: ServedFile): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, max-age=31536000, immutable',
    ...(type === 'application/octet-stream' ? { 'content-disposition': 'attachment' } : {}),
  });
  response.end(bytes);
}

function validate(name: RouteName, raw: RawRequest): RawRequest {
  const { params, query, body } = routes[name];
  const parsed = z.object({ params, query, body }).safeParse(raw);
  if (parsed.success) return parsed.data as RawRequest;
  throw new SandboxError('REQUEST_INVALID', z.prettifyError(parsed.error));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new SandboxError('REQUEST_TOO_LARGE', `more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
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
