import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fetchFromHere } from './fetcher.ts';
import type { Identity } from './identity.ts';
import type { Journal } from './journal.ts';
import { createMemoryHog } from './memory.ts';
import { errorReply, send } from './reply.ts';
import { answer, type World } from './routes.ts';
import { type Happening, next, type State } from './state.ts';
import type { Store } from './store.ts';

/** What a probe is made of. */
export type ProbeParts = {
  readonly identity: Identity;
  readonly store: Store;
  readonly journal: Journal;
  /** Ends the process; called once, when the server has closed its connections. */
  readonly exit: (code: number) => void;
};

/** A probe that does not listen yet. */
export type Probe = {
  readonly server: Server;
  /** Makes it stop and exit with this code. */
  stop(code: number): void;
};

/** Puts a probe together. Each change of its state is one line in the journal. */
export function createProbe({ identity, store, journal, exit }: ProbeParts): Probe {
  let state: State = { kind: 'healthy' };
  const happen = (happening: Happening) => {
    const after = next(state, happening);
    if (after === state) return;
    journal(after.kind, after.kind === 'stopping' ? { code: after.code } : {});
    state = after;
    // After the answer that caused it, if one did, has left.
    if (after.kind === 'stopping') setImmediate(() => close(server, () => exit(after.code)));
  };
  const world: World = {
    identity,
    store,
    memory: createMemoryHog(),
    fetchFromHere,
    state: () => state,
    happen,
  };
  const server = createServer((request, response) => void respond(world, request, response));
  return { server, stop: (code) => happen({ kind: 'told-to-stop', code }) };
}

async function respond(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://probe');
    send(response, await answer(world, { method: request.method ?? '', url, body: request }));
  } catch (error) {
    // What is left of a refused body would be read as the next request.
    response.setHeader('connection', 'close');
    send(response, errorReply(error));
  }
}

function close(server: Server, closed: () => void): void {
  server.close(closed);
  server.closeIdleConnections();
  // A pod that is told to stop has to go at once: requests still open are not waited for.
  setTimeout(() => server.closeAllConnections(), 100).unref();
}
