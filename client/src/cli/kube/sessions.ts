import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import { WhatsAppClient } from '../../client.ts';
import type { RetryPolicy } from '../../http/retry.ts';
import type { Cluster } from './cluster.ts';
import { KubeError } from './kube-error.ts';

/** Sessions of a cluster: their resources, and their HTTP API through the API server, without an exposed port. */

const GROUP = 'whatsapp-operator.io';
export const RESTART_ANNOTATION = `${GROUP}/restart-at`;
const GROUP_PATH = `/apis/${GROUP}/v1alpha1`;
/** Where the generated key of a session lies, unless its spec says otherwise. */
const keyReference = (name: string) => ({ name: `${name}-api-key`, key: 'api-key' });

/** A session as a command names it. */
export interface SessionName {
  readonly namespace: string;
  readonly name: string;
}

const sessionPath = ({ namespace, name }: SessionName): string =>
  `${GROUP_PATH}/namespaces/${namespace}/whatsappsessions/${encodeURIComponent(name)}`;

interface SessionList {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly WhatsAppSession[];
}

/** All sessions of a namespace, or of all when there is none given; page by page, so that thousands are no burden. */
export async function listSessions(
  cluster: Cluster,
  namespace: string | undefined,
  selector: string | undefined,
  signal?: AbortSignal,
): Promise<readonly WhatsAppSession[]> {
  const items: WhatsAppSession[] = [];
  let next: string | undefined;
  do {
    const search = new URLSearchParams({ limit: '500' });
    if (selector !== undefined) search.set('labelSelector', selector);
    if (next !== undefined) search.set('continue', next);
    const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
    const page = await cluster
      .json<SessionList>(`${GROUP_PATH}${scope}/whatsappsessions?${search}`, { signal })
      .catch(explainMissingResource);
    items.push(...page.items);
    next = page.metadata.continue || undefined;
  } while (next !== undefined);
  return items;
}

/** A missing CRD answers as a missing page does. */
function explainMissingResource(error: unknown): never {
  if (error instanceof KubeError && error.status === 404)
    throw new KubeError(
      404,
      'the cluster does not know WhatsAppSessions',
      'install the chart; doctor says what is missing',
      error,
    );
  throw error;
}

export async function getSession(
  cluster: Cluster,
  session: SessionName,
  signal?: AbortSignal,
): Promise<WhatsAppSession> {
  try {
    return await cluster.json<WhatsAppSession>(sessionPath(session), { signal });
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
    throw new KubeError(
      404,
      `there is no session ${session.name} in namespace ${session.namespace}`,
      'list -A shows those of all namespaces',
      error,
    );
  }
}

/** @param patch a JSON merge patch */
export async function patchSession(
  cluster: Cluster,
  session: SessionName,
  patch: unknown,
  signal?: AbortSignal,
): Promise<WhatsAppSession> {
  return await cluster.json<WhatsAppSession>(sessionPath(session), {
    method: 'PATCH',
    body: patch,
    contentType: 'application/merge-patch+json',
    signal,
  });
}

interface SecretData {
  readonly data?: Readonly<Record<string, string>>;
}

/** The key of a session's API, read with the user's own rights. */
async function readApiKey(
  cluster: Cluster,
  resource: WhatsAppSession,
  signal?: AbortSignal,
): Promise<string> {
  const { namespace, name } = resource.metadata;
  const { name: secretName, key } = resource.spec.apiKeySecretRef ?? keyReference(name);
  const path = `/api/v1/namespaces/${namespace}/secrets/${encodeURIComponent(secretName)}`;
  const remedy = `the API key of session ${name} lies in Secret ${secretName}`;
  try {
    const encoded = (await cluster.json<SecretData>(path, { signal })).data?.[key];
    // Two keys may be valid at once, while one is exchanged.
    const written =
      encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString().split(/\s+/);
    const first = written?.find((one) => one !== '');
    if (first === undefined) throw new KubeError(404, `Secret ${secretName} has no key ${key}`, remedy);
    return first;
  } catch (error) {
    if (error instanceof KubeError && error.remedy === undefined)
      throw new KubeError(error.status, error.message, remedy, error);
    throw error;
  }
}

/** Where a port of a session's Service is, through the API server, which passes X-Api-Key on and keeps Authorization. */
const proxied = (cluster: Cluster, { namespace, name }: SessionName, port: 'api' | 'health'): string =>
  `${cluster.server}/api/v1/namespaces/${namespace}/services/${name}:${port}/proxy`;

export async function clusterClient(
  cluster: Cluster,
  resource: WhatsAppSession,
  retry: Partial<RetryPolicy>,
  signal?: AbortSignal,
): Promise<WhatsAppClient> {
  const apiKey = await readApiKey(cluster, resource, signal);
  return new WhatsAppClient({
    url: proxied(cluster, resource.metadata, 'api'),
    apiKey,
    fetch: cluster.fetch,
    retry,
  });
}

/** What the session says on its health port, which needs no key; undefined when it does not answer. */
export async function pulledStatus<T>(
  cluster: Cluster,
  session: SessionName,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const timeout = AbortSignal.timeout(5_000);
  try {
    const response = await cluster.fetch(`${proxied(cluster, session, 'health')}/status`, {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    return response.ok ? ((await response.json()) as T) : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
