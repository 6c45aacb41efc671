import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { Live, NetworkPolicy, PersistentVolumeClaim, Service } from '../kube/objects.ts';
import type { Pod } from '../kube/pod.ts';
import type { PulledStatus } from './pulled-status.ts';

/** The children that bear the session's name; the Secret is missing, because the operator may not look at it. */
export type ChildKind = 'claim' | 'service' | 'networkPolicy' | 'pod';

/** What a write can be refused for. */
export type WriteTarget = ChildKind | 'apiKeySecret';

/** Everything that a decision about one session rests on: a plain value, gathered without waiting. */
export interface Observed {
  readonly session: WhatsAppSession;
  readonly claim: Live<PersistentVolumeClaim> | undefined;
  readonly service: Live<Service> | undefined;
  readonly networkPolicy: Live<NetworkPolicy> | undefined;
  readonly pod: Live<Pod> | undefined;
  /** What the session pod said of itself last, if that was this very pod. */
  readonly answer: Answer | undefined;
  /** Writes that the API server refused and that nothing has made good since. */
  readonly refusals: Readonly<Partial<Record<WriteTarget, Refusal>>>;
  /** What Events say of a pod or claim that is stuck, where objects themselves do not tell. */
  readonly trouble: Trouble | undefined;
  /** Other sessions that are on their way back from a replacement. */
  readonly othersUpdating: number;
}

/** The last word of a session pod. Times are milliseconds since 1970. */
export type Answer =
  | { readonly kind: 'status'; readonly podUID: string; readonly at: number; readonly status: PulledStatus }
  | { readonly kind: 'silent'; readonly podUID: string; readonly since: number; readonly error: string };

/** A write that the API server refused for a cause that a person has to mend. */
export interface Refusal {
  /** Of what was to be written: another content is tried at once. */
  readonly fingerprint: string;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  /** Not tried again before this time. */
  readonly retryAt: number;
  readonly count: number;
}

/** The newest Warning about a pod or claim that does not get on. */
export interface Trouble {
  /** UID of the pod or claim. */
  readonly uid: string;
  readonly reason: string;
  readonly message: string;
}
