import { readFileSync } from 'node:fs';
import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import { WhatsAppClient } from '../client.ts';
import type { RetryPolicy } from '../http/retry.ts';
import { CommandError, exitCodes } from './exit-code.ts';
import type { Io } from './io.ts';
import type { Cluster } from './kube/cluster.ts';

/** What a command works on: one session behind a URL, or the sessions of a cluster. */

export interface GlobalOptions {
  readonly url?: string;
  readonly apiKeyFile?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

export interface UrlTarget {
  readonly kind: 'url';
  readonly url: string;
  readonly client: (retry: Partial<RetryPolicy>) => WhatsAppClient;
}

export interface ClusterTarget {
  readonly kind: 'cluster';
  readonly cluster: Cluster;
}

export type Target = UrlTarget | ClusterTarget;

/** The name of the program, as its user typed it: `wa`, or `kubectl was`. */
export type ProgramName = 'wa' | 'kubectl was';

/**
 * `--url` means one session, and so does WHATSAPP_ENGINE_URL unless the command line says something about a cluster.
 * As a plugin of kubectl it is always the cluster.
 */
export async function chooseTarget(options: GlobalOptions, io: Io, program: ProgramName): Promise<Target> {
  const ofCluster = [options.kubeconfig, options.context, options.namespace].some(
    (given) => given !== undefined,
  );
  if (options.url !== undefined && ofCluster)
    throw new CommandError(
      exitCodes.usage,
      '--url is one session, --kubeconfig, --context and --namespace are about a cluster',
      'leave one of them out',
    );
  const environment = program === 'wa' && !ofCluster ? io.env['WHATSAPP_ENGINE_URL'] : undefined;
  const url = options.url ?? (environment === '' ? undefined : environment);
  if (url !== undefined) return urlTarget(url, readKey(options, io));
  // Its many modules are only loaded where they are needed.
  const { openCluster } = await import('./kube/cluster.ts');
  const kubeconfig = options.kubeconfig;
  return { kind: 'cluster', cluster: openCluster({ ...options, kubeconfig }) };
}

function urlTarget(url: string, apiKey: string | undefined): UrlTarget {
  return { kind: 'url', url, client: (retry) => new WhatsAppClient({ url, apiKey, retry }) };
}

/** Not an argument of its own: everybody on the machine can read those. */
function readKey({ apiKeyFile }: GlobalOptions, io: Io): string | undefined {
  if (apiKeyFile === undefined) return io.env['WHATSAPP_ENGINE_API_KEY'] || undefined;
  try {
    const key = readFileSync(apiKeyFile, 'utf8')
      .split(/\s+/)
      .find((one) => one !== '');
    if (key !== undefined) return key;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(exitCodes.usage, `--api-key-file cannot be read: ${why}`, undefined, cause);
  }
  throw new CommandError(exitCodes.usage, `--api-key-file ${apiKeyFile} is empty`);
}

/** One session with its API; of a cluster, with its resource too. */
export interface Chosen {
  /** How people call it. */
  readonly label: string;
  readonly client: WhatsAppClient;
  readonly resource: WhatsAppSession | undefined;
  readonly cluster: Cluster | undefined;
}

/** How long commands that only look try for. */
export const LOOKING: Partial<RetryPolicy> = { deadlineMs: 8_000, attemptTimeoutMs: 8_000 };
/** How long commands that act try for: long enough for a pod to be replaced. */
export const ACTING: Partial<RetryPolicy> = { deadlineMs: 120_000 };

/** @param name required with a cluster, refused with a URL */
export async function chooseSession(
  target: Target,
  name: string | undefined,
  retry: Partial<RetryPolicy>,
  signal: AbortSignal,
): Promise<Chosen> {
  if (target.kind === 'url') {
    const client = target.client(retry);
    return { label: target.url, client, resource: undefined, cluster: undefined };
  }
  if (name === undefined)
    throw new CommandError(exitCodes.usage, 'NAME is missing: which session?', 'list shows them');
  const { clusterClient, getSession } = await import('./kube/sessions.ts');
  const { cluster } = target;
  const resource = await getSession(cluster, { namespace: cluster.namespace, name }, signal);
  requireRunning(resource);
  return { label: name, client: await clusterClient(cluster, resource, retry, signal), resource, cluster };
}

/** What was stopped on purpose does not come back by itself: better told at once than after two minutes of trying. */
function requireRunning({ metadata: { name }, spec, status }: WhatsAppSession): void {
  if (spec.operatingMode === 'Suspended')
    throw new CommandError(
      exitCodes.needsPerson,
      `session ${name} is suspended`,
      'bring it back with resume',
    );
  if (status?.phase !== 'Failed' || status.podName !== undefined) return;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  throw new CommandError(
    exitCodes.needsPerson,
    `session ${name} is stopped${ready === undefined ? '' : `: ${ready.reason}, ${ready.message}`}`,
    'mend the cause, then restart it',
  );
}
