/**
 * What the probe answers.
 *
 * - `GET /healthz`: 200, or 500 after `POST /fault/unhealthy`, for as long as the process lives.
 * - `GET /readyz`: 200 while the data folder can be written to and the probe is not stopping, else 503.
 * - `GET /whoami`: hostname, pid, uid, gid, and a boot id that is new with each start.
 * - `PUT /data/NAME`, `GET /data/NAME`: keeps a content of up to 1 MiB on the volume; 507 when that is full.
 * - `GET /fetch?url=URL[&timeoutMs=N]`: what this pod sees at an http address.
 * - `POST /fault/allocate?mebibytes=N`: takes memory for good; over the container's limit it is killed.
 * - `POST /fault/exit?code=N`: answers 202 and exits; code 1 unless given.
 *
 * Failures are `{"error": CODE, "message": TEXT}`. Nothing is authenticated: the probe is for test clusters.
 */
import { readBounded } from './body.ts';
import { DEFAULT_TIMEOUT_MS, type Fetched, MAX_TIMEOUT_MS } from './fetcher.ts';
import type { Identity } from './identity.ts';
import type { MemoryHog } from './memory.ts';
import { HttpError, type Reply } from './reply.ts';
import type { Happening, State } from './state.ts';
import type { Store } from './store.ts';

/** What the routes act on. */
export type World = {
  readonly identity: Identity;
  readonly store: Store;
  readonly memory: MemoryHog;
  readonly fetchFromHere: (address: string, timeoutMs: number) => Promise<Fetched>;
  readonly state: () => State;
  readonly happen: (happening: Happening) => void;
};

/** A request, as far as routes look at it. */
export type Asked = {
  readonly method: string;
  readonly url: URL;
  readonly body: AsyncIterable<Uint8Array>;
};

type Handler = (world: World, asked: Asked, name: string) => Promise<Reply> | Reply;

/** `METHOD /path` to handler; `*` stands for the name of a content, which the handler gets. */
const ROUTES: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['GET /healthz', health],
  ['GET /readyz', readiness],
  ['GET /whoami', ({ identity }) => ({ status: 200, body: identity })],
  ['PUT /data/*', write],
  ['GET /data/*', async ({ store }, _, name) => ({ status: 200, body: await store.get(name) })],
  ['GET /fetch', fetchElsewhere],
  ['POST /fault/unhealthy', makeUnhealthy],
  ['POST /fault/allocate', allocate],
  ['POST /fault/exit', exit],
]);

/**
 * Answers a request.
 *
 * @throws HttpError 404 for an unknown path, 405 for a known one with another method, and whatever the route says.
 */
export async function answer(world: World, asked: Asked): Promise<Reply> {
  const path = asked.url.pathname;
  const name = /^\/data\/([^/]*)$/.exec(path)?.[1];
  const route = name === undefined ? path : '/data/*';
  const handler = ROUTES.get(`${asked.method} ${route}`);
  if (handler !== undefined) return handler(world, asked, decode(name ?? ''));
  throw [...ROUTES.keys()].some((known) => known.endsWith(` ${route}`))
    ? new HttpError(405, 'METHOD_NOT_ALLOWED', `${path} does not take ${asked.method}`)
    : new HttpError(404, 'NO_SUCH_PATH', `nothing at ${path}`);
}

function health({ state }: World): Reply {
  const { kind } = state();
  return { status: kind === 'healthy' ? 200 : 500, body: { state: kind } };
}

async function readiness({ state, store }: World): Promise<Reply> {
  if (state().kind === 'stopping') return { status: 503, body: { ready: false, reason: 'STOPPING' } };
  if (!(await store.writable()))
    return { status: 503, body: { ready: false, reason: 'DATA_DIR_NOT_WRITABLE' } };
  return { status: 200, body: { ready: true } };
}

async function write({ store }: World, { body }: Asked, name: string): Promise<Reply> {
  return { status: 200, body: await store.put(name, await readBounded(body)) };
}

async function fetchElsewhere({ fetchFromHere }: World, { url }: Asked): Promise<Reply> {
  const timeoutMs = whole(url, 'timeoutMs', 1, MAX_TIMEOUT_MS, DEFAULT_TIMEOUT_MS);
  return { status: 200, body: await fetchFromHere(url.searchParams.get('url') ?? '', timeoutMs) };
}

function makeUnhealthy({ happen }: World): Reply {
  happen({ kind: 'made-unhealthy' });
  return { status: 200, body: { state: 'unhealthy' } };
}

async function allocate({ memory }: World, { url }: Asked): Promise<Reply> {
  const held = await memory.take(whole(url, 'mebibytes', 1, 65_536));
  return { status: 200, body: { heldMebibytes: held } };
}

function exit({ happen }: World, { url }: Asked): Reply {
  const code = whole(url, 'code', 0, 255, 1);
  happen({ kind: 'told-to-stop', code });
  return { status: 202, body: { exiting: code } };
}

function whole(url: URL, name: string, least: number, most: number, fallback?: number): number {
  const text = url.searchParams.get(name);
  if (text === null && fallback !== undefined) return fallback;
  const value = Number(text);
  if (text !== null && /^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new HttpError(400, 'BAD_PARAMETER', `${name} has to be a whole number from ${least} to ${most}`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, 'BAD_NAME', 'the path is not valid percent-encoding');
  }
}
