import {
  annotations,
  durationMs,
  type RestartReason,
  type SessionStatus,
  type WhatsAppSession,
} from '@whatsapp-operator/api/resource';
import type { Live } from '../kube/objects.ts';
import type { ContainerState, Pod } from '../kube/pod.ts';
import { containerName } from './names.ts';

/**
 * The restart budget of a session.
 *
 * Guarantees: everything it needs is in the session's status, so that a restart of the operator forgets nothing and
 * counts nothing twice; a restart counts once, by the pod's UID and the container's own counter. Evictions, drains and
 * replacements end pods, not containers, and so do not count; neither does a container that a node lost with itself.
 */
export type RestartStatus = NonNullable<SessionStatus['restarts']>;

export interface Budget {
  readonly status: RestartStatus;
  /** Restarts that count and that nobody has counted yet. */
  readonly fresh: number;
  readonly reason: RestartReason | undefined;
  readonly exceeded: boolean;
}

/** Counts what happened since the status was written, and judges it. */
export function restartBudget(session: WhatsAppSession, pod: Live<Pod> | undefined, now: number): Budget {
  const known = session.status?.restarts;
  const requested = session.metadata.annotations?.[annotations.restartAt];
  if (startsAnew(session, requested))
    return { status: begin(pod, requested), fresh: 0, reason: undefined, exceeded: false };
  const exceededBefore = isExceeded(session);
  const status = known ?? begin(pod, requested);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || exceededBefore)
    return { status, fresh: 0, reason: undefined, exceeded: exceededBefore };

  const container = pod.status?.containerStatuses?.find(({ name }) => name === containerName);
  const counted = status.podUID === pod.metadata.uid ? (status.containerRestarts ?? 0) : 0;
  const restarts = container?.restartCount ?? 0;
  const reason = restartReasonOf(container?.lastState);
  if (restarts <= counted) return { status, fresh: 0, reason: undefined, exceeded: false };
  const seen = { ...status, podUID: pod.metadata.uid, containerRestarts: restarts };
  if (reason === undefined) return { status: seen, fresh: 0, reason: undefined, exceeded: false };
  const fresh = restarts - counted;
  const lastTime = container?.lastState?.terminated?.finishedAt ?? iso(now);
  const { count, windowStart } = within(status, fresh, lastTime, durationMs(session.spec.restarts.window));
  return {
    status: { ...seen, count, windowStart, lastReason: reason, lastTime },
    fresh,
    reason,
    exceeded: count > session.spec.restarts.limit,
  };
}

/** A window opens with the first restart that counts, and the first one after its end opens the next. */
function within(status: RestartStatus, fresh: number, at: string, windowMs: number) {
  const start = status.windowStart;
  return start === undefined || Date.parse(at) - Date.parse(start) > windowMs
    ? { count: fresh, windowStart: at }
    : { count: status.count + fresh, windowStart: start };
}

/** A session that was stopped begins again with a changed spec; any session with a new value of the annotation. */
function startsAnew(session: WhatsAppSession, requested: string | undefined): boolean {
  const known = session.status?.restarts;
  if (known === undefined) return false;
  if (requested !== undefined && requested !== known.restartAt) return true;
  const condition = exceededCondition(session);
  return condition !== undefined && condition.observedGeneration !== session.metadata.generation;
}

/** Restarts of a pod that is there already are not held against the new budget. */
function begin(pod: Live<Pod> | undefined, restartAt: string | undefined): RestartStatus {
  const container = pod?.status?.containerStatuses?.find(({ name }) => name === containerName);
  return {
    count: 0,
    ...(pod === undefined
      ? {}
      : { podUID: pod.metadata.uid, containerRestarts: container?.restartCount ?? 0 }),
    ...(restartAt === undefined ? {} : { restartAt }),
  };
}

export const exceededCondition = (session: WhatsAppSession) =>
  session.status?.conditions?.find(
    ({ type, status }) => type === 'RestartLimitExceeded' && status === 'True',
  );

const isExceeded = (session: WhatsAppSession): boolean => exceededCondition(session) !== undefined;

const iso = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** Undefined for an end that was not the session's: the node restarted and its containers with it. */
export function restartReasonOf(state: ContainerState | undefined): RestartReason | undefined {
  const terminated = state?.terminated;
  if (terminated === undefined) return 'Crashed';
  if (terminated.reason === 'OOMKilled') return 'OOMKilled';
  if (terminated.reason === 'ContainerStatusUnknown' || terminated.reason === 'Unknown') return undefined;
  // 143 is SIGTERM that nobody caught.
  if (terminated.exitCode === 0 || terminated.exitCode === 143) return 'Unhealthy';
  return terminated.exitCode === 137 || terminated.signal !== undefined ? 'Killed' : 'Crashed';
}
