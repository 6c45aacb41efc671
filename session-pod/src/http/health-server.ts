import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Status } from '@whatsapp-operator/api/session';
import type { Logger } from 'pino';
import type { Engine } from '../engine/engine.ts';
import { limit, MAX_HEADER_SIZE } from './listen.ts';

export interface HealthParts {
  readonly engine: Pick<Engine, 'snapshot'>;
  /** True once every part runs. */
  readonly isStarted: () => boolean;
  readonly isStopping: () => boolean;
  readonly describeStatus: () => Status;
  readonly scrape: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly log: Logger;
}

/** What a probe answers: yes, or no with the reason. */
export interface Verdict {
  readonly ok: boolean;
  readonly reason: string;
}

const yes = (reason: string): Verdict => ({ ok: true, reason });
const no = (reason: string): Verdict => ({ ok: false, reason });

/** Booted: the volume is this process's, and every part runs. */
export const startupVerdict = (started: boolean): Verdict =>
  started ? yes('started') : no('still starting');

/**
 * Whether the process should go on. That it answers at all proves the event loop; the rest the engine knows. Whether
 * WhatsApp can be reached is no part of it: an outage there must not restart anything.
 */
export const liveVerdict = ({ live, lastTransition }: Engine['snapshot']): Verdict =>
  live ? yes('live') : no(`recovery has given up: ${lastTransition.reason}`);

/** Whether a message handed over now can leave now. */
export function readyVerdict({ state, lastTransition }: Engine['snapshot'], stopping: boolean): Verdict {
  if (stopping) return no('shutting down');
  return state === 'Connected' ? yes('Connected') : no(`${state}: ${lastTransition.reason}`);
}

/**
 * Probes, metrics and status on a port of their own, without a key. Plain and small, so that it answers while the API
 * has all of its connections taken.
 */
export function createHealthServer(parts: HealthParts): Server {
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_SIZE, connectionsCheckingInterval: 1000 },
    (request, response) => {
      serve(parts, request, response).catch((error: unknown) => {
        parts.log.error({ err: error, path: request.url }, 'health request failed');
        if (response.headersSent) response.destroy();
        else reply(response, 500, 'text/plain', 'failed; the log says why\n');
      });
    },
  );
  limit(server, {
    maxConnections: 64,
    headersTimeoutMs: 5000,
    requestTimeoutMs: 5000,
    idleTimeoutMs: 30_000,
  });
  return server;
}

const PATHS = ['/startupz', '/livez', '/readyz', '/metrics', '/status'];

async function serve(parts: HealthParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?', 1)[0] ?? '/';
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    reply(response, 405, 'text/plain', 'only GET\n');
    return;
  }
  const { snapshot } = parts.engine;
  switch (path) {
    case '/startupz':
      answer(response, startupVerdict(parts.isStarted()));
      return;
    case '/livez':
      answer(response, liveVerdict(snapshot));
      return;
    case '/readyz':
      answer(response, readyVerdict(snapshot, parts.isStopping()));
      return;
    case '/metrics': {
      const { contentType, text } = await parts.scrape();
      reply(response, 200, contentType, text);
      return;
    }
    case '/status':
      reply(response, 200, 'application/json', JSON.stringify(parts.describeStatus()));
      return;
    default:
      reply(response, path === '/' ? 200 : 404, 'text/plain', `${PATHS.join('\n')}\n`);
  }
}

const answer = (response: ServerResponse, { ok, reason }: Verdict): void =>
  reply(response, ok ? 200 : 503, 'text/plain', `${reason}\n`);

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
