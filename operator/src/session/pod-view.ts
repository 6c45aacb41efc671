import type { Live } from '../kube/objects.ts';
import type { ContainerStatus, Pod, PodCondition } from '../kube/pod.ts';
import { containerName } from './names.ts';
import { restartReasonOf } from './restart-budget.ts';

/** What a pod is doing, in the one way that matters most. Exactly one holds. */
export type PodView =
  | { readonly kind: 'absent' }
  /** Being ended; `overdue` once its grace period is long over and nobody confirms its end. */
  | { readonly kind: 'terminating'; readonly overdue: boolean; readonly node: string | undefined }
  /** Ended for good, by eviction, preemption or a kubelet that refused it. */
  | { readonly kind: 'lost'; readonly reason: string; readonly message: string }
  /** The node no longer reports. */
  | { readonly kind: 'node-unreachable'; readonly node: string }
  | { readonly kind: 'unschedulable'; readonly message: string }
  | { readonly kind: 'image-unavailable'; readonly reason: string; readonly message: string }
  /** The container cannot be made, as a rule for a Secret or ConfigMap that is not there. */
  | { readonly kind: 'misconfigured'; readonly message: string }
  | { readonly kind: 'crash-looping'; readonly outOfMemory: boolean; readonly message: string }
  /** Not running yet, and nothing is known to be wrong. */
  | { readonly kind: 'starting'; readonly message: string }
  /** Its container runs. */
  | { readonly kind: 'running'; readonly ready: boolean; readonly ip: string | undefined };

/** How long after its grace period a pod's end counts as overdue, in milliseconds. */
const OVERDUE_MS = 60_000;

const IMAGE_REASONS: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'ImageInspectError',
];

/** Looks at a pod as the API server shows it. */
export function viewPod(pod: Live<Pod> | undefined, now: number): PodView {
  if (pod === undefined) return { kind: 'absent' };
  const { deletionTimestamp } = pod.metadata;
  const node = pod.spec.nodeName;
  // The timestamp already includes the grace period.
  if (deletionTimestamp !== undefined)
    return { kind: 'terminating', overdue: now - Date.parse(deletionTimestamp) > OVERDUE_MS, node };
  const { status } = pod;
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return lost(pod);
  if (node !== undefined && isForsaken(pod)) return { kind: 'node-unreachable', node };
  const scheduled = podCondition(pod, 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable')
    return { kind: 'unschedulable', message: scheduled.message ?? '' };
  return viewContainer(
    pod,
    status?.containerStatuses?.find(({ name }) => name === containerName),
  );
}

/**
 * Whether the node of a pod does not report. The node controller then sets Ready alone to False, while what the kubelet
 * said of the containers stays; the kubelet itself always writes both.
 */
function isForsaken(pod: Live<Pod>): boolean {
  const ready = podCondition(pod, 'Ready')?.status;
  return (
    ready === 'Unknown' || (ready === 'False' && podCondition(pod, 'ContainersReady')?.status === 'True')
  );
}

function lost(pod: Live<Pod>): PodView {
  const disruption = podCondition(pod, 'DisruptionTarget');
  return {
    kind: 'lost',
    reason: pod.status?.reason ?? disruption?.reason ?? pod.status?.phase ?? 'Failed',
    message: pod.status?.message ?? disruption?.message ?? '',
  };
}

function viewContainer(pod: Live<Pod>, container: ContainerStatus | undefined): PodView {
  const waiting = container?.state?.waiting;
  if (container?.state?.running !== undefined)
    return { kind: 'running', ready: podCondition(pod, 'Ready')?.status === 'True', ip: pod.status?.podIP };
  const reason = waiting?.reason ?? '';
  const message = waiting?.message ?? '';
  if (IMAGE_REASONS.includes(reason)) return { kind: 'image-unavailable', reason, message };
  if (reason === 'CreateContainerConfigError') return { kind: 'misconfigured', message };
  if (reason === 'CrashLoopBackOff') return crashLooping(container);
  return { kind: 'starting', message: message || reason };
}

function crashLooping(container: ContainerStatus | undefined): PodView {
  const state = container?.lastState;
  const terminated = state?.terminated;
  const said = terminated?.message?.trim().split('\n').at(-1)?.slice(0, 300);
  const ended = `exit code ${terminated?.exitCode ?? 'unknown'}${said ? `: ${said}` : ''}`;
  return { kind: 'crash-looping', outOfMemory: restartReasonOf(state) === 'OOMKilled', message: ended };
}

export const podCondition = (pod: Live<Pod> | undefined, type: string): PodCondition | undefined =>
  pod?.status?.conditions?.find((condition) => condition.type === type);
