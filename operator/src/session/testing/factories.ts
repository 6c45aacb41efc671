import { type SessionSpec, sessionSpec, type WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { KubeObject, Live } from '../../kube/objects.ts';
import type { ContainerStatus, Pod, PodStatus } from '../../kube/pod.ts';
import { buildClaim } from '../children/claim.ts';
import { buildNetworkPolicy } from '../children/network-policy.ts';
import { buildPod } from '../children/pod.ts';
import { buildService } from '../children/service.ts';
import type { Observed } from '../observed.ts';
import { podInputs } from '../pod-inputs.ts';
import type { SessionSettings } from '../session-settings.ts';

/** Small makers of worlds for tests. */

/** Any fixed moment. */
export const NOW = Date.parse('2026-11-24T12:00:00Z');

export const at = (secondsAgo: number): string =>
  new Date(NOW - secondsAgo * 1000).toISOString().replace('.000Z', 'Z');

export const settings: SessionSettings = {
  defaultImage: 'session:1',
  maxUpdating: 2,
  updateTimeoutMs: 300_000,
  network: { apiFrom: [{ namespaceSelector: {} }], healthFrom: undefined, extraEgress: [] },
};

/** A spec as the API server gives it, with these fields set. */
export const specOf = (fields: object = {}): SessionSpec => sessionSpec.parse(fields);

export function sessionOf(
  fields: object = {},
  more: {
    readonly annotations?: Record<string, string>;
    readonly status?: WhatsAppSession['status'];
    readonly generation?: number;
  } = {},
): WhatsAppSession {
  return {
    apiVersion: 'whatsapp-operator.io/v1alpha1',
    kind: 'WhatsAppSession',
    metadata: {
      name: 'sales',
      namespace: 'shop',
      uid: 'session-1',
      resourceVersion: '1',
      generation: more.generation ?? 1,
      creationTimestamp: at(3600),
      ...(more.annotations === undefined ? {} : { annotations: more.annotations }),
    },
    spec: specOf(fields),
    ...(more.status === undefined ? {} : { status: more.status }),
  };
}

export const live = <T extends KubeObject>(object: T, uid: string, createdSecondsAgo = 600): Live<T> => ({
  ...object,
  metadata: { ...object.metadata, uid, resourceVersion: '1', creationTimestamp: at(createdSecondsAgo) },
});

/** The session's pod as the operator made it, with a status. */
export const podOf = (
  session: WhatsAppSession,
  status: PodStatus = running(false),
  createdSecondsAgo = 600,
): Live<Pod> => ({
  ...live(buildPod(session, podInputs(session, settings.defaultImage)), 'pod-1', createdSecondsAgo),
  status,
});

export const container = (fields: Partial<ContainerStatus>): PodStatus => ({
  phase: 'Running',
  podIP: '10.0.0.7',
  conditions: [{ type: 'PodScheduled', status: 'True' }],
  containerStatuses: [{ name: 'session', ready: false, restartCount: 0, ...fields }],
});

export const running = (ready: boolean, fields: Partial<ContainerStatus> = {}): PodStatus => {
  const status = container({ ready, state: { running: { startedAt: at(60) } }, ...fields });
  return {
    ...status,
    conditions: [...(status.conditions ?? []), { type: 'Ready', status: ready ? 'True' : 'False' }],
  };
};

export const waiting = (reason: string, message = ''): PodStatus =>
  container({ state: { waiting: { reason, message } } });

/** A world in which everything is there but the pod's status is as given. */
export function worldOf(session: WhatsAppSession, more: Partial<Observed> = {}): Observed {
  return {
    session,
    claim: {
      ...live(buildClaim(session), 'claim-1'),
      status: { phase: 'Bound', capacity: { storage: String(session.spec.storage.size) } },
    },
    service: live(buildService(session), 'service-1'),
    networkPolicy: live(buildNetworkPolicy(session, settings.network), 'policy-1'),
    pod: undefined,
    answer: undefined,
    refusals: {},
    trouble: undefined,
    othersUpdating: 0,
    ...more,
  };
}
