import { z } from 'zod';

/** Condition types of a session. The last four are only there while they apply. */
export const conditionType = z.enum([
  /** A message handed over now can leave now. The summary: its reason names the first thing in the way. */
  'Ready',
  /** The scheduler found a node; mirrored from the pod. */
  'PodScheduled',
  /** The volume is there for the session. */
  'StorageReady',
  /** An account is linked. */
  'Paired',
  /** WhatsApp Web is connected, proven by the page. */
  'Connected',
  /** `spec.operatingMode` is Suspended. */
  'Suspended',
  /** The pause annotation is set: nothing is changed. */
  'Paused',
  /** The pod is to be replaced, or was and is not back yet. */
  'Updating',
  /** Stopped, because it restarted too often. */
  'RestartLimitExceeded',
]);
export type ConditionType = z.infer<typeof conditionType>;

/** Reasons of the condition Ready, in the order in which they are looked for: the first that holds is told. */
export const readyReasons = [
  'InvalidSpec',
  'Suspended',
  'RestartLimitExceeded',
  'NameTaken',
  'PredecessorTerminating',
  'QuotaExceeded',
  'PodSecurityRefused',
  'PodRefused',
  'ChildRefused',
  'Paused',
  'StorageNotReady',
  'NodeUnreachable',
  'PodTerminating',
  'PodLost',
  'Unschedulable',
  'ImageUnavailable',
  'SecretMissing',
  'OutOfMemory',
  'CrashLooping',
  'MountFailed',
  'PodStarting',
  'LoggedOut',
  'PairingRequired',
  'SessionFailed',
  'Disconnected',
  'Syncing',
  'BrowserStarting',
  'SessionStopped',
  'SessionUnreachable',
  'NotReady',
  'Connected',
] as const;
export type ReadyReason = (typeof readyReasons)[number];

/** What ended the container of a session, as far as Kubernetes tells. */
export const restartReason = z.enum([
  /** Over its memory limit. */
  'OOMKilled',
  /** Ended in order on its own or on SIGTERM: failed liveness probes, as a rule. */
  'Unhealthy',
  /** Killed by a signal: a hung process at the end of its grace period, or the node. */
  'Killed',
  /** Exited with an error. */
  'Crashed',
]);
export type RestartReason = z.infer<typeof restartReason>;

export const sessionPhase = z.enum([
  'Pending',
  'Starting',
  'Pairing',
  'Connected',
  'Disconnected',
  'LoggedOut',
  'Suspended',
  'Failed',
]);
export type SessionPhase = z.infer<typeof sessionPhase>;
