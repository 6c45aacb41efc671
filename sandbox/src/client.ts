import { type RouteInput, type RouteName, type RouteResult, routes } from './control/contract.ts';
import { type LiveEvent, liveEventSchema } from './control/live-event.ts';
import { readEvents } from './live/read-events.ts';

export type { LiveEvent } from './control/live-event.ts';

/** The control API refused; `code` is one of the sandbox's error codes. */
export class SandboxRequestError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'SandboxRequestError';
    this.status = status;
    this.code = code;
  }
}

/** The routes that answer once; the push feed has a method of its own. */
export type CallName = Exclude<RouteName, 'events'>;

type NonEmpty<N extends RouteName, K extends keyof RouteInput<N>> =
  Record<never, never> extends RouteInput<N>[K] ? never : null extends RouteInput<N>[K] ? never : K;

/** Only the parts of a request that a route needs have to be given. */
export type CallInput<N extends RouteName> = Partial<RouteInput<N>> &
  Pick<RouteInput<N>, { [K in keyof RouteInput<N>]: NonEmpty<N, K> }[keyof RouteInput<N>]>;

/**
 * The control API, typed by its contract: `client.call('scan', { params: { number }, body: { qr } })`.
 * Throws SandboxRequestError when the sandbox refuses.
 */
export class SandboxClient {
  readonly #url: string;

  /** @param url where the control API is, such as http://127.0.0.1:8080 */
  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  async call<N extends CallName>(name: N, input: CallInput<N>): Promise<RouteResult<N>> {
    const route = routes[name];
    const response = await fetch(this.#address(route.path, input), {
      method: route.method,
      ...(input.body === undefined
        ? {}
        : { body: JSON.stringify(input.body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw toError(response.status, await response.text());
    return route.result.parse(await READERS[route.format](response)) as RouteResult<N>;
  }

  /**
   * The push feed: `hello`, then every change as it happens, until `signal` aborts or the caller stops reading.
   * Ends when the sandbox ends it, and throws when the line breaks: what was missed has to be read again then.
   *
   * @param account chats, messages and ledger of this account only; those of all by default
   */
  async *events(account?: string, signal?: AbortSignal): AsyncGenerator<LiveEvent> {
    const address = this.#address(routes.events.path, { query: { account } });
    const response = await fetch(address, signal === undefined ? {} : { signal });
    if (!response.ok || response.body === null) throw toError(response.status, await response.text());
    for await (const data of readEvents(response.body)) yield liveEventSchema.parse(JSON.parse(data));
  }

  #address(path: string, { params, query }: Partial<RouteInput<RouteName>>): string {
    const values: Readonly<Record<string, unknown>> = params ?? {};
    const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(values[name])));
    const search = new URLSearchParams(
      Object.entries(query ?? {})
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [key, String(value)]),
    );
    return `${this.#url}${filled}${search.size > 0 ? `?${search}` : ''}`;
  }
}

const READERS = {
  json: async (response: Response): Promise<unknown> => JSON.parse(await response.text()),
  ndjson: async (response: Response): Promise<unknown> =>
    (await response.text())
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  bytes: async (response: Response): Promise<unknown> => new Uint8Array(await response.arrayBuffer()),
} as const;

function toError(status: number, text: string): SandboxRequestError {
  try {
    const { error } = JSON.parse(text) as {
      readonly error: { readonly code: string; readonly message: string };
    };
    return new SandboxRequestError(status, error.code, error.message);
  } catch {
    return new SandboxRequestError(status, 'INTERNAL', text);
  }
}
