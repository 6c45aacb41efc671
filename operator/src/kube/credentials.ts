import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Access, AccessSource } from './connection.ts';

/**
 * Where the access comes from: the pod's own service account, read here, or a kubeconfig, read by client-node with
 * all its kinds of credentials (tokens, certificates, exec plugins, OIDC). client-node costs 76 MiB of memory at
 * import, so it is loaded only when a kubeconfig is: never in a pod.
 */

type Environment = Readonly<Record<string, string | undefined>>;

const serviceAccountDir = '/var/run/secrets/kubernetes.io/serviceaccount';

/** True in a pod that has a service account: kubelet sets the address in every container. */
export const isInCluster = (env: Environment): boolean =>
  Boolean(env['KUBERNETES_SERVICE_HOST'] && env['KUBERNETES_SERVICE_PORT']);

/** KUBECONFIG if it is set, else the service account of the pod, else `~/.kube/config`. */
export async function defaultAccess(env: Environment): Promise<AccessSource> {
  if (!env['KUBECONFIG'] && isInCluster(env)) return inClusterAccess(env);
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromDefault();
  return kubeConfigAccess(config);
}

/** The pod's service account. kubelet replaces the token while it is still good, so each reading takes the new one. */
export function inClusterAccess(env: Environment, dir = serviceAccountDir): AccessSource {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return async () => {
    const [token, ca] = await Promise.all([
      readFile(join(dir, 'token'), 'utf8'),
      readFile(join(dir, 'ca.crt'), 'utf8'),
    ]);
    return { server, headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
  };
}

/** What client-node makes of the current context. Throws for a SOCKS proxy, which the pool cannot use. */
export function kubeConfigAccess(config: KubeConfig): AccessSource {
  return async () => {
    const cluster = config.getCurrentCluster();
    if (cluster === null) {
      throw new Error(`the kubeconfig's current context "${config.getCurrentContext()}" names no cluster`);
    }
    if (cluster.proxyUrl?.startsWith('socks')) throw new Error('SOCKS proxies are not supported');
    const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] & { servername?: string } = {};
    await config.applyToHTTPSOptions(options);
    const text = (value: unknown): string | undefined =>
      value === undefined || value === null ? undefined : String(value);
    const tls = {
      ca: text(options.ca),
      cert: text(options.cert),
      key: text(options.key),
      servername: options.servername,
      rejectUnauthorized: options.rejectUnauthorized,
    };
    return {
      server: cluster.server,
      headers: headersOf(options),
      tls,
      proxy: cluster.proxyUrl,
    } satisfies Access;
  };
}

function headersOf(options: { readonly headers?: unknown; readonly auth?: unknown }): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value);
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}
