import { type RouteInput, type RouteName, type RouteResult, routes } from './control/contract.ts';

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

  async call<N extends RouteName>(name: N, input: CallInput<N>): Promise<RouteResult<N>> {
    const route = routes[name];
    const response = await fetch(this.#address(route.path, input), {
      method: route.method,
      ...(input.body === undefined
        ? {}
        : { body: JSON.stringify(input.body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw toError(response.status, text);
    const value: unknown =
      route.format === 'json'
        ? JSON.parse(text)
        : text
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line));
    return route.result.parse(value) as RouteResult<N>;
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
