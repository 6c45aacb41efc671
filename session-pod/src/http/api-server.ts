import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type Route, type RouteName, routes } from '@whatsapp-operator/api/session';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import type { MediaStore } from '../media/media.ts';
import type { RequestObservation } from '../metrics/registry.ts';
import type { ApiSettings } from '../settings/settings.ts';
import type { ApiKeys } from './api-keys.ts';
import { BodyBudget } from './body-budget.ts';
import { isFromForeignPage } from './browser-guard.ts';
import { describeError } from './describe-error.ts';
import { docsRouter } from './docs-page.ts';
import { limit, MAX_HEADER_SIZE } from './listen.ts';
import { ProblemError, problemDocument } from './problem-error.ts';
import { type Body, type BodyReader, bodyReader } from './read-body.ts';
import { type Context, type Handlers, type Reply, send } from './reply.ts';
import { type RawRequest, validate } from './validate.ts';

export interface ApiParts {
  readonly settings: ApiSettings;
  readonly keys: ApiKeys;
  readonly handlers: Handlers;
  readonly media: MediaStore;
  readonly observe: (observation: RequestObservation) => void;
  /** True from the beginning of the shutdown on: nothing new is begun then. */
  readonly isStopping: () => boolean;
  readonly log: Logger;
}

/** Bodies on their way may take this many times the largest body together. */
const BODIES_AT_ONCE = 2;
/** Longest that a client may leave an answer untaken, or wait for one; above what `wait` allows. Milliseconds. */
const IDLE_TIMEOUT_MS = 180_000;

type AnyHandler = (request: RawRequest, context: Context) => Reply | Promise<Reply>;

/**
 * The HTTP API. Guarantees: a key is checked before anything of the body is read; bodies, headers, connections and
 * time are bounded; a handler sees valid requests only; every refusal is a problem document; what a handler throws
 * ends that request and nothing else.
 */
export function createApiServer(parts: ApiParts): Server {
  const { settings } = parts;
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_SIZE, connectionsCheckingInterval: 1000 },
    createApp(parts),
  );
  limit(server, {
    maxConnections: settings.maxConnections,
    headersTimeoutMs: Math.min(10_000, settings.requestTimeoutMs),
    requestTimeoutMs: settings.requestTimeoutMs,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  return server;
}

function createApp({ settings, keys, handlers, media, observe, isStopping, log }: ApiParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  const bodies = bodyReader(
    settings.maxBody,
    new BodyBudget(BODIES_AT_ONCE * settings.maxBody, settings.maxBody),
    media,
  );
  app.use(begin, measure(observe));
  app.use(docsRouter());
  app.use('/api/v1', authenticate(keys), refuseWhileStopping(isStopping));
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const handler = handlers[name] as AnyHandler;
    app[route.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'](
      route.path,
      serve(route, handler, bodies),
    );
  }
  for (const [path, methods] of methodsByPath()) {
    app.all(path, (request) => {
      const allow = methods.join(', ');
      throw new ProblemError('method_not_allowed', `${request.method} is not for this: use ${allow}`, {
        headers: { allow },
      });
    });
  }
  app.use((request) => {
    throw new ProblemError(
      'not_found',
      `there is no ${request.method} ${request.path.slice(0, 200)}: see /api/docs`,
    );
  });
  app.use(refuse(log));
  return app;
}

function methodsByPath(): Map<string, readonly string[]> {
  const byPath = Map.groupBy(Object.values<Route>(routes), ({ path }) => path);
  return new Map([...byPath].map(([path, group]) => [path, group.map(({ method }) => method)]));
}

function begin(_request: Request, response: Response, next: NextFunction): void {
  response.locals['requestId'] = randomUUID();
  response.set({
    'x-request-id': response.locals['requestId'],
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  next();
}

/** One observation per answer, by the route and not by the path, which names people. */
const measure =
  (observe: ApiParts['observe']) =>
  (request: Request, response: Response, next: NextFunction): void => {
    const began = performance.now();
    response.once('finish', () => {
      observe({
        route: (response.locals['route'] as string | undefined) ?? 'other',
        method: (response.locals['route'] as string | undefined) === undefined ? 'other' : request.method,
        status: response.statusCode,
        seconds: (performance.now() - began) / 1000,
      });
    });
    next();
  };

const authenticate =
  (keys: ApiKeys) =>
  (request: Request, _response: Response, next: NextFunction): void => {
    if (!keys.required && isFromForeignPage(request.headers))
      throw new ProblemError('foreign_page', 'set API_KEY and send it, or call 127.0.0.1 from a program');
    if (keys.accepts(keyOf(request))) {
      next();
      return;
    }
    throw new ProblemError('unauthorized', 'send the API key as X-Api-Key, or as Authorization: Bearer', {
      headers: { 'www-authenticate': 'Bearer realm="session"' },
    });
  };

function keyOf({ headers }: Request): string | undefined {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Reading goes on while the queue is brought to its end; the rest is for whoever comes next. */
const refuseWhileStopping =
  (isStopping: () => boolean) =>
  (request: Request, response: Response, next: NextFunction): void => {
    if (!isStopping()) {
      next();
      return;
    }
    response.set('connection', 'close');
    if (request.method === 'GET' || request.method === 'HEAD') next();
    else
      throw new ProblemError('shutting_down', 'send it again in a few seconds: nothing of it was accepted');
  };

const serve =
  (route: Route, handler: AnyHandler, bodies: BodyReader) =>
  async (request: Request, response: Response): Promise<void> => {
    response.locals['route'] = route.path;
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    let body: Body | undefined;
    try {
      body = await bodies.read(route, request, response, gone.signal);
      const { params, query, headers } = request;
      const valid = validate(route, { params, query, headers, body: body.value });
      const reply = await handler(valid, {
        signal: gone.signal,
        accepts: (mimetypes) => request.accepts([...mimetypes]) || undefined,
        files: body.files,
      });
      if (!response.closed) await send(response, reply);
    } finally {
      for (const file of body?.files.values() ?? []) file.release();
    }
  };

/** Turns whatever was thrown into a problem document; the last of the middlewares. */
const refuse =
  (log: Logger) =>
  (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const problem = describeError(error);
    const requestId = response.locals['requestId'] as string | undefined;
    const fields = { requestId, method: request.method, code: problem.code, status: problem.status };
    if (problem.code === 'internal') log.error({ ...fields, err: problem.cause }, 'request failed');
    else log.debug(fields, 'request refused');
    if (response.headersSent || response.closed) {
      response.destroy();
      return;
    }
    response
      .status(problem.status)
      .set(problem.headers)
      .type('application/problem+json')
      .send(JSON.stringify(problemDocument(problem, requestId)));
  };
