import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import { generate } from 'selfsigned';

/**
 * As much of an API server as the command line asks for, on a port of its own: for refusals, absences and screens that
 * a real one does not give on demand. The proxy to a session is real, and keeps the Authorization header as the real
 * one does. test/e2e runs the same commands on a real cluster.
 */
export interface FakeCluster {
  readonly kubeconfig: string;
  readonly objects: Map<string, unknown>;
  /** Where the ports of a session's Service lead, by `namespace/name:port`. */
  readonly services: Map<string, number>;
  /** What was asked, as `METHOD path`. */
  readonly asked: string[];
  /** Paths that are forbidden. */
  readonly forbidden: RegExp[];
  readonly stop: () => Promise<void>;
}

const SESSIONS = '/apis/whatsapp-operator.io/v1alpha1';

const serverCertificate = generate([{ name: 'commonName', value: '127.0.0.1' }], {
  keyType: 'ec',
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
});

export async function startFakeCluster(): Promise<FakeCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'fake-cluster-'));
  const state = {
    objects: new Map<string, unknown>(),
    services: new Map<string, number>(),
    asked: [] as string[],
    forbidden: [] as RegExp[],
  };
  const certificate = await serverCertificate;
  const server = createServer(
    { key: certificate.private, cert: certificate.cert },
    (incoming, response) => void answer(state, incoming, response),
  );
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'shop' } }],
      clusters: [
        {
          name: 'test',
          cluster: {
            server: `https://127.0.0.1:${port}`,
            'certificate-authority-data': Buffer.from(certificate.cert).toString('base64'),
          },
        },
      ],
      users: [{ name: 'test', user: { token: 'token-of-the-user' } }],
    }),
  );
  return {
    ...state,
    kubeconfig,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type State = Pick<FakeCluster, 'objects' | 'services' | 'asked' | 'forbidden'>;

async function answer(state: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://cluster');
  const path = url.pathname;
  state.asked.push(`${incoming.method} ${path}${url.search}`);
  if (incoming.headers.authorization !== 'Bearer token-of-the-user')
    return status(response, 401, 'Unauthorized');
  if (state.forbidden.some((pattern) => pattern.test(path)))
    return status(response, 403, `User "test" cannot ${incoming.method} ${path}`);
  const proxied = /^\/api\/v1\/namespaces\/([^/]+)\/services\/([^/]+)\/proxy(\/.*)$/.exec(path);
  if (proxied !== null) {
    proxy(state, incoming, response, `${proxied[1]}/${proxied[2]}`, `${proxied[3]}${url.search}`);
    return;
  }
  const body = await read(incoming);
  if (path.endsWith('/selfsubjectaccessreviews')) {
    reply(response, 201, {
      status: { allowed: !JSON.stringify(body).includes('"patch"') || !state.objects.has('no-patch') },
    });
    return;
  }
  const object = state.objects.get(path);
  if (incoming.method === 'PATCH' && object !== undefined) {
    state.objects.set(path, merge(object, body));
    reply(response, 200, state.objects.get(path));
  } else if (typeof object === 'string') response.end(object);
  else if (object !== undefined) reply(response, 200, object);
  else if (
    /^\/apis\/whatsapp-operator\.io\/v1alpha1(\/namespaces\/[^/]+)?\/whatsappsessions$/.test(path) &&
    state.objects.has(SESSIONS)
  )
    reply(response, 200, list(state, path, url.searchParams));
  else status(response, 404, `${path} not found`);
}

/** Two to a page, so that pages matter. */
function list({ objects }: State, path: string, search: URLSearchParams): unknown {
  const prefix = path.includes('/namespaces/') ? `${path}/` : `${SESSIONS}/namespaces/`;
  const all = [...objects]
    .filter(([key]) => key.startsWith(prefix) && key.includes('/whatsappsessions/'))
    .map(([, value]) => value);
  const from = Number(search.get('continue') ?? '0');
  const more = from + 2 < all.length ? { continue: String(from + 2) } : {};
  return { metadata: more, items: all.slice(from, from + 2) };
}

function proxy(
  { services }: State,
  incoming: IncomingMessage,
  response: ServerResponse,
  service: string,
  path: string,
): void {
  const port = services.get(service);
  if (port === undefined) {
    status(response, 503, `no endpoints available for service "${service}"`);
    return;
  }
  const { authorization: _, ...headers } = incoming.headers;
  const outgoing = request(
    { host: '127.0.0.1', port, path, method: incoming.method, headers },
    (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
    },
  );
  outgoing.on('error', (error) => status(response, 503, `error trying to reach service: ${error.message}`));
  incoming.pipe(outgoing);
}

async function read(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null) return patch;
  const base = (typeof target === 'object' && target !== null ? target : {}) as Record<string, unknown>;
  const changed = Object.entries(patch).map(([key, value]) => [key, merge(base[key], value)]);
  return { ...base, ...Object.fromEntries(changed) };
}

function reply(response: ServerResponse, code: number, value: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

const status = (response: ServerResponse, code: number, message: string): void =>
  reply(response, code, { kind: 'Status', status: 'Failure', message, code });

export const sessionPath = (name: string, namespace = 'shop'): string =>
  `${SESSIONS}/namespaces/${namespace}/whatsappsessions/${name}`;

export interface SessionParts {
  readonly namespace?: string;
  readonly spec?: Partial<WhatsAppSession['spec']>;
  readonly status?: WhatsAppSession['status'];
}

/** A session with every default of the schema, as the API server would give it. */
export function sessionObject(
  name: string,
  { namespace = 'shop', spec, status }: SessionParts = {},
): WhatsAppSession {
  return {
    apiVersion: 'whatsapp-operator.io/v1alpha1',
    kind: 'WhatsAppSession',
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-11-20T09:00:00Z',
    },
    spec: {
      operatingMode: 'Running',
      pairing: { method: 'QRCode' },
      storage: { size: '1Gi', accessMode: 'ReadWriteOncePod', retentionPolicy: 'Retain' },
      restarts: { limit: 5, window: '10m' },
      ...spec,
    } as WhatsAppSession['spec'],
    ...(status === undefined ? {} : { status }),
  };
}

export const readyCondition = (state: 'True' | 'False', reason: string, message: string) => ({
  type: 'Ready' as const,
  status: state,
  reason,
  message,
  lastTransitionTime: '2026-11-24T08:00:00Z',
  observedGeneration: 1,
});

/** The resource itself, as discovery tells it. */
export const discovery = { resources: [{ name: 'whatsappsessions' }, { name: 'whatsappsessions/status' }] };
export const DISCOVERY_PATH = SESSIONS;
