import { KubeConfig } from '@kubernetes/client-node';
import type { Fetch } from '../../http/transport.ts';
import { KubeError } from './kube-error.ts';
import { kubeFetch } from './kube-fetch.ts';

/** One cluster, as one user: the few requests that the command line makes. */

export interface ClusterOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

export interface KubeRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

export class Cluster {
  /** Where the API server is, without a slash at its end. */
  readonly server: string;
  /** The namespace that holds unless another is named. */
  readonly namespace: string;
  readonly context: string;
  readonly fetch: Fetch;

  constructor(parts: Pick<Cluster, 'server' | 'namespace' | 'context' | 'fetch'>) {
    this.server = parts.server;
    this.namespace = parts.namespace;
    this.context = parts.context;
    this.fetch = parts.fetch;
  }

  /**
   * The answer, whose status is 2xx, with its body unread.
   *
   * @throws KubeError; the signal's reason
   */
  async request(
    path: string,
    { method = 'GET', body, contentType, signal }: KubeRequest = {},
  ): Promise<Response> {
    const response = await this.#send(path, {
      method,
      headers: {
        accept: 'application/json, */*',
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.ok) return response;
    throw await refusal(response);
  }

  async json<T>(path: string, request: KubeRequest = {}): Promise<T> {
    return (await (await this.request(path, request)).json()) as T;
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.fetch(`${this.server}${path}`, init);
    } catch (cause) {
      init.signal?.throwIfAborted();
      const why = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
      throw new KubeError(
        undefined,
        `the cluster of context ${this.context} cannot be reached: ${why}`,
        'look at: kubectl cluster-info',
        cause,
      );
    }
  }
}

async function refusal(response: Response): Promise<KubeError> {
  const text = await response.text();
  const { status } = response;
  const remedy =
    status === 401 ? 'log in to the cluster again: its credentials are missing or have expired' : undefined;
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === 'string' && message !== '') return new KubeError(status, message, remedy);
  } catch {
    // Not a Status; the beginning of it has to do.
  }
  return new KubeError(status, `the API server answered ${status}: ${text.slice(0, 200)}`, remedy);
}

/** @throws KubeError when there is no such kubeconfig or context */
export function openCluster({ kubeconfig, context, namespace }: ClusterOptions): Cluster {
  const config = readKubeConfig(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  const current = config.getCurrentContext();
  const found = config.getContextObject(current);
  const cluster = config.getCurrentCluster();
  if (found === null || cluster === null) throw noContext(config, current);
  return new Cluster({
    server: cluster.server.replace(/\/+$/, ''),
    namespace: namespace ?? found.namespace ?? 'default',
    context: current,
    fetch: kubeFetch(config),
  });
}

function readKubeConfig(path: string | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
    // What client-node makes up where it finds nothing.
    return config.getCurrentContext() === 'loaded-context' ? new KubeConfig() : config;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KubeError(404, `the kubeconfig cannot be read: ${why}`, undefined, cause);
  }
}

function noContext(config: KubeConfig, current: string | undefined): KubeError {
  const known = config.getContexts().map(({ name }) => name);
  return new KubeError(
    404,
    current ? `the kubeconfig has no context ${current}` : 'there is no kubeconfig with a current context',
    known.length === 0 ? 'set KUBECONFIG, or use --url' : `it has: ${known.join(', ')}`,
  );
}
