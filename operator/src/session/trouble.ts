import type { KubeClient } from '../kube/client.ts';
import { events } from '../kube/resource.ts';
import type { Observed, Trouble } from './observed.ts';
import { viewPod } from './pod-view.ts';

/**
 * What only Events tell: a Secret that cannot be mounted, a volume that cannot be provisioned. They are read for an
 * object that does not get on, and not watched: a fleet's Events are many.
 */

/** How long an object may take before somebody looks, in milliseconds. */
const PATIENCE_MS = 15_000;

/** The object that is stuck, if one is: the claim first, because the pod waits for it. */
export function stuckObject({ pod, claim }: Observed, now: number): string | undefined {
  const old = (created: string) => now - Date.parse(created) > PATIENCE_MS;
  if (claim?.status?.phase === 'Pending' && old(claim.metadata.creationTimestamp)) return claim.metadata.uid;
  if (pod !== undefined && viewPod(pod, now).kind === 'starting' && old(pod.metadata.creationTimestamp))
    return pod.metadata.uid;
  return undefined;
}

/** The newest Event about an object that is not mere progress. */
export async function findTrouble(
  client: KubeClient,
  namespace: string,
  uid: string,
  signal: AbortSignal,
): Promise<Trouble | undefined> {
  const query = { namespace, fieldSelector: `regarding.uid=${uid}`, limit: 50 };
  const { items } = await client.list(events, query, { signal });
  const telling = items.filter(({ type, reason }) => type === 'Warning' || reason.startsWith('WaitFor'));
  const newest = telling.sort((a, b) => (lastSeen(a) < lastSeen(b) ? 1 : -1))[0];
  return newest === undefined
    ? undefined
    : { uid, reason: newest.reason, message: (newest.note ?? '').slice(0, 500) };
}

/** Events of the kubelet are of the older kind, and tell the time of their last repetition elsewhere. */
function lastSeen(event: object): string {
  const { series, deprecatedLastTimestamp, eventTime, metadata } = event as {
    readonly series?: { readonly lastObservedTime?: string };
    readonly deprecatedLastTimestamp?: string | null;
    readonly eventTime?: string | null;
    readonly metadata: { readonly creationTimestamp: string };
  };
  return series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? metadata.creationTimestamp;
}
