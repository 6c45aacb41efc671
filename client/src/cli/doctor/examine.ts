import { lookup } from 'node:dns/promises';
import { WhatsAppError } from '../../errors.ts';
import { explain } from '../exit-code.ts';
import type { Cluster } from '../kube/cluster.ts';
import { KubeError } from '../kube/kube-error.ts';
import { readyOf } from '../screens/session-list.ts';
import { LOOKING, type ProgramName, type UrlTarget } from '../target.ts';
import { type Finding, fail, ok, skip, warn } from './check.ts';
import {
  type Deployment,
  type EndpointSlice,
  judgeDns,
  judgeImages,
  judgeOperator,
  judgeResource,
  judgeRights,
  judgeSessions,
  judgeStorage,
  judgeVersion,
  type Pod,
  type ResourceList,
  type Right,
  type StorageClass,
} from './judge.ts';

/** Looks at everything that sessions need, one question after the other; a question that fails is a finding. */

interface List<T> {
  readonly items: readonly T[];
}

export async function* examineCluster(
  cluster: Cluster,
  program: ProgramName,
  signal: AbortSignal,
): AsyncGenerator<Finding, void> {
  const { namespace } = cluster;
  const get = <T>(path: string): Promise<T> => cluster.json<T>(path, { signal });
  const version = await looked('Kubernetes', async () => judgeVersion(await get('/version')));
  yield version;
  // Without an API server every other answer would be the same.
  if (version.verdict === 'fail') return;
  const resource = await looked('Resource', async () => judgeResource(await resources(cluster, signal)));
  yield resource;
  yield await looked('Operator', async () => {
    const labels = 'app.kubernetes.io/name=whatsapp-operator,app.kubernetes.io/component=operator';
    const found = await get<List<Deployment>>(
      `/apis/apps/v1/deployments?labelSelector=${encodeURIComponent(labels)}`,
    );
    return judgeOperator(found.items);
  });
  yield await looked('Your rights', async () => judgeRights(await rights(cluster, signal), namespace));
  const sessions = resource.verdict === 'ok' ? await sessionsOf(cluster, signal) : [];
  yield await looked('Storage', async () => {
    const named = sessions.flatMap(({ spec }) => spec.storage.storageClassName ?? []);
    const { items } = await get<List<StorageClass>>('/apis/storage.k8s.io/v1/storageclasses');
    return judgeStorage(items, [...new Set(named)]);
  });
  yield await looked('Images', async () => {
    const selector = encodeURIComponent('app.kubernetes.io/name=whatsapp-session');
    return judgeImages(
      (await get<List<Pod>>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)).items,
    );
  });
  yield await looked('DNS', async () => {
    const selector = encodeURIComponent('kubernetes.io/service-name=kube-dns');
    const path = `/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices?labelSelector=${selector}`;
    return judgeDns((await get<List<EndpointSlice>>(path)).items);
  });
  if (resource.verdict !== 'ok') return;
  const readiness = sessions.map((session) => {
    const ready = readyOf(session);
    return {
      name: session.metadata.name,
      ready: ready?.status === 'True',
      reason: ready?.reason ?? 'Pending',
    };
  });
  yield judgeSessions(readiness, program);
}

/** What one may not look at is skipped; what fails otherwise is a finding. */
async function looked(check: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof KubeError && error.status === 403)
      return skip(check, 'you have no right to look at it');
    const { message, remedy } = explain(error);
    return fail(check, message, remedy ?? 'look at the API server');
  }
}

async function resources(cluster: Cluster, signal: AbortSignal): Promise<ResourceList | undefined> {
  try {
    return await cluster.json<ResourceList>('/apis/whatsapp-operator.io/v1alpha1', { signal });
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

async function sessionsOf(cluster: Cluster, signal: AbortSignal) {
  const { listSessions } = await import('../kube/sessions.ts');
  return await listSessions(cluster, cluster.namespace, undefined, signal).catch(() => []);
}

interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

const GROUP = 'whatsapp-operator.io';
const NEEDED: readonly (Attributes & { readonly neededFor: string })[] = [
  { verb: 'list', group: GROUP, resource: 'whatsappsessions', neededFor: 'list, monitor' },
  { verb: 'get', group: GROUP, resource: 'whatsappsessions', neededFor: 'every command' },
  { verb: 'patch', group: GROUP, resource: 'whatsappsessions', neededFor: 'restart, suspend, resume' },
  { verb: 'get', group: '', resource: 'secrets', neededFor: 'qr, pair, send, messages' },
  { verb: 'get', group: '', resource: 'services', subresource: 'proxy', neededFor: 'qr, messages, status' },
  { verb: 'create', group: '', resource: 'services', subresource: 'proxy', neededFor: 'send, pair, logout' },
  { verb: 'delete', group: '', resource: 'services', subresource: 'proxy', neededFor: 'cancel' },
  { verb: 'get', group: '', resource: 'pods', subresource: 'log', neededFor: 'logs' },
];

async function rights(cluster: Cluster, signal: AbortSignal): Promise<readonly Right[]> {
  return await Promise.all(
    NEEDED.map(async ({ neededFor, ...attributes }) => {
      const { status } = await cluster.json<{ readonly status: { readonly allowed: boolean } }>(
        '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        {
          method: 'POST',
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SelfSubjectAccessReview',
            spec: { resourceAttributes: { namespace: cluster.namespace, ...attributes } },
          },
          signal,
        },
      );
      const { verb, resource, subresource } = attributes;
      const what = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
      return { what, allowed: status.allowed, neededFor };
    }),
  );
}

/** One session behind a URL: its name, its port, its key, its state. */
export async function* examineUrl(
  { url, client }: UrlTarget,
  signal: AbortSignal,
): AsyncGenerator<Finding, void> {
  const { hostname, host } = new URL(url);
  try {
    const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''));
    yield ok('Name', `${hostname} is ${address}`);
  } catch {
    yield fail(
      'Name',
      `${hostname} has no address`,
      'names ending in .svc are known within the cluster only: leave out --url to go through the API server',
    );
    return;
  }
  try {
    const session = await client({ ...LOOKING, deadlineMs: 0 }).session({ signal });
    yield ok('API', `${host} answers as session ${session.session}, and takes the key`);
    const { state, detail } = session;
    yield state === 'Connected'
      ? ok('Session', 'Connected')
      : warn('Session', `${state}: ${detail}`, 'status says what to do');
    yield session.outbox.accepting
      ? ok('Volume', 'new messages are accepted')
      : fail(
          'Volume',
          'nearly full: no new messages are accepted',
          'let the queue drain, or make the volume larger',
        );
  } catch (error) {
    signal.throwIfAborted();
    yield explainApi(error, host);
  }
}

function explainApi(error: unknown, host: string): Finding {
  const { message } = explain(error);
  if (!(error instanceof WhatsAppError)) return fail('API', message, 'look at the URL');
  switch (error.code) {
    case 'unauthorized':
      return fail(
        'API',
        `${host} answers, and refuses the key`,
        'set WHATSAPP_ENGINE_API_KEY, or give --api-key-file',
      );
    case 'unreachable':
    case 'timeout':
      return fail(
        'API',
        message,
        'is the session running, and does a firewall or NetworkPolicy let you through?',
      );
    default:
      return fail('API', message, 'is this the URL of a session?');
  }
}
