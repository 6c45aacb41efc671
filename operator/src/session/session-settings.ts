import type { NetworkPolicy, NetworkPolicyPeer } from '../kube/objects.ts';
import type { EnvVar } from '../kube/pod.ts';

/** What the operator's own settings say about sessions. */
export interface SessionSettings {
  /** Image of sessions that name none. */
  readonly defaultImage: string;
  /** The same for sessions with browser flavor Chromium. Default: `defaultImage`. */
  readonly chromiumImage?: string;
  /**
   * Variables of every session's container, before those of its own template, which win. Like the default image, a
   * change is for pods that are made from then on.
   */
  readonly environment?: readonly EnvVar[];
  /** How many sessions may be on their way back from a replacement of their pod at once, in the whole cluster. */
  readonly maxUpdating: number;
  /** After this many milliseconds a session that is not back no longer holds up the next. */
  readonly updateTimeoutMs: number;
  readonly network: NetworkSettings;
}

/** Who may talk to sessions, and whom they may talk to beyond DNS and HTTPS. */
export interface NetworkSettings {
  /** Sources of the session's HTTP API: nobody when empty, everybody when undefined. */
  readonly apiFrom: readonly NetworkPolicyPeer[] | undefined;
  /** Sources of health port and metrics, likewise. */
  readonly healthFrom: readonly NetworkPolicyPeer[] | undefined;
  readonly extraEgress: NonNullable<NetworkPolicy['spec']['egress']>;
}
