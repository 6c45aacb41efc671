import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Fetch } from '../../http/transport.ts';

/**
 * `fetch` as the user of a kubeconfig: certificates, tokens, exec plugins and proxies are client-node's. Node's own
 * fetch takes no client certificates, hence requests of node:https. Bodies stream in both directions.
 */
export function kubeFetch(config: KubeConfig): Fetch {
  return async (url, init) => {
    const request = new Request(url, {
      ...init,
      ...(init.body === undefined ? {} : { duplex: 'half' }),
    } as RequestInit);
    const target = new URL(url);
    const options: RequestOptions = {
      method: request.method,
      headers: {},
      ...(init.signal === undefined || init.signal === null ? {} : { signal: init.signal }),
    };
    // Plain HTTP is `kubectl proxy`, which adds the credentials itself; client-node refuses it.
    if (target.protocol === 'https:') await config.applyToHTTPSOptions(options);
    options.headers = { ...options.headers, ...Object.fromEntries(request.headers) };
    return await exchange(target, options, request);
  };
}

async function exchange(target: URL, options: RequestOptions, request: Request): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = target.protocol === 'http:' ? httpRequest : httpsRequest;
  const outgoing = send(target, options, resolve);
  outgoing.on('error', reject);
  if (request.body === null) outgoing.end();
  else pipeline(Readable.fromWeb(request.body as never), outgoing).catch(reject);
  const incoming = await promise;
  const status = incoming.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct))
    for (const one of value ?? []) headers.append(name, one);
  const empty = status === 204 || status === 304;
  if (empty) incoming.resume();
  return new Response(empty ? null : (Readable.toWeb(incoming) as ReadableStream), { status, headers });
}
