import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { SandboxError } from '../errors.ts';
import type { MediaStore } from '../store/media.ts';
import type { PageTiming } from '../wire.ts';
import type { World } from '../world/world.ts';
import { DEVICE_COOKIE, readCookie } from './cookies.ts';
import type { Hub } from './hub.ts';
import { PAGE_VERSION, renderHtml } from './page-bundle.ts';
import type { TlsPair } from './tls.ts';

/** The largest file that a page may upload. */
const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;

export interface WebServerParts {
  readonly tls: TlsPair;
  readonly world: World;
  readonly hub: Hub;
  readonly media: MediaStore;
  /** The bundled program of the page. */
  readonly program: string;
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** What the browser believes to be web.whatsapp.com: the page, its program, its files and its socket. */
export function createWebServer(parts: WebServerParts): Server {
  const server = createServer(parts.tls, (request, response) => {
    serve(parts, request, response).catch((error: unknown) => {
      parts.log('request failed', { path: request.url, error: String(error) });
      const unknown = error instanceof SandboxError && error.code === 'MEDIA_UNKNOWN';
      if (!response.headersSent) response.writeHead(unknown ? 404 : 500);
      response.end();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (parts.world.faults.find(accountOf(parts.world, request), 'refuse-socket') !== undefined)
      socket.destroy();
    else parts.hub.upgrade(request, socket, head);
  });
  return server;
}

/** The account whose linked page makes this request; null when it is not linked. */
function accountOf(world: World, request: IncomingMessage): string | null {
  const id = readCookie(request.headers.cookie, DEVICE_COOKIE);
  const device = id === undefined ? undefined : world.accounts.device(id);
  return device === undefined || device.unlinkedAt !== null ? null : device.account;
}

async function serve(
  parts: WebServerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'https://web.whatsapp.com');
  if (request.method === 'POST' && pathname === '/v/media') {
    const kept = await parts.media.put(await readBody(request));
    respond(response, 200, 'application/json', JSON.stringify(kept));
  } else if (pathname.startsWith('/v/media/')) {
    respond(response, 200, 'application/octet-stream', await parts.media.get(pathname.slice(9)));
  } else if (pathname === '/program.js') {
    respond(response, 200, 'text/javascript; charset=utf-8', parts.program);
  } else if (pathname === '/') {
    servePage(parts, request, response);
  } else {
    respond(response, 404, 'text/plain', 'not found');
  }
}

function servePage({ world }: WebServerParts, request: IncomingMessage, response: ServerResponse): void {
  const account = accountOf(world, request);
  if (world.faults.strikes(account, 'http-hang') !== undefined) return;
  const failure = world.faults.strikes(account, 'http-error');
  if (failure !== undefined) {
    respond(response, failure.status, 'text/plain', 'the sandbox was told to fail');
    return;
  }
  const boot = {
    version: PAGE_VERSION,
    timing: world.timing() satisfies PageTiming,
    faults: world.faults.pageFaults(account),
  };
  respond(response, 200, 'text/html; charset=utf-8', renderHtml(boot));
}

function respond(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_UPLOAD_BYTES) throw new SandboxError('REQUEST_INVALID', 'the file is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
