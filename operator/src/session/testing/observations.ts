import type { Condition, SessionStatus, WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { PodStatus } from '../../kube/pod.ts';
import { fingerprint } from '../canonical.ts';
import { buildPod } from '../children/pod.ts';
import type { Answer, Observed, Refusal } from '../observed.ts';
import { podInputs } from '../pod-inputs.ts';
import { at, NOW, podOf, sessionOf, settings, worldOf } from './factories.ts';

/** What observations of one session, "sales", are made of in tests of decisions. */

/** The status of a session whose key and first pod were made. */
export const keyed: SessionStatus = {
  apiKeySecret: 'sales-api-key',
  restarts: { count: 0, podUID: 'pod-1', containerRestarts: 0 },
};
export const session = (fields: object = {}, more: Parameters<typeof sessionOf>[1] = {}) =>
  sessionOf(fields, { status: keyed, ...more });

export const conditionOf = ({ conditions }: SessionStatus, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type);

export const withPod = (of: WhatsAppSession, status: PodStatus, more: Partial<Observed> = {}) =>
  worldOf(of, { pod: podOf(of, status), ...more });

export const answers = (state: string, more: object = {}): Answer => ({
  kind: 'status',
  podUID: 'pod-1',
  at: NOW,
  status: { state, reason: 'progress', detail: '', registrationDurable: true, ...more } as never,
});

export const refusal = (message: string, of: string, retryAt = NOW + 5000): Refusal => ({
  fingerprint: of,
  code: 403,
  reason: 'Forbidden',
  message,
  retryAt,
  count: 1,
});

export const podPrint = (of: WhatsAppSession) =>
  fingerprint(buildPod(of, podInputs(of, settings.defaultImage)));

export const updating = (reason: string, status: 'True' | 'False', secondsAgo: number): SessionStatus => ({
  ...keyed,
  conditions: [
    {
      type: 'Updating',
      status,
      reason,
      message: 'spec.resources changed',
      lastTransitionTime: at(secondsAgo),
    },
  ],
});
