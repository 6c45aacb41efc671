import type { operatorEnvironment, WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { EnvVar } from '../../kube/pod.ts';
import { ports } from '../names.ts';
import type { PodInputs } from '../pod-inputs.ts';

/** Where the container finds what is mounted into it. */
export const paths = {
  data: '/data',
  tmp: '/tmp',
  home: '/home/session',
  sharedMemory: '/dev/shm',
  apiKey: '/run/secrets/whatsapp/api-key',
} as const;

/** How long the session pod takes to end in order, in seconds; the pod's grace period is longer. */
export const SHUTDOWN_SECONDS = 30;

type Name = (typeof operatorEnvironment)[number];

/**
 * The session's settings as the session pod reads them, sorted by the spec's order; a person's own variables last.
 *
 * @param ofEverySession What the operator's settings give to all sessions: it yields to everything else.
 */
export function podEnvironment(
  session: WhatsAppSession,
  inputs: PodInputs,
  ofEverySession: readonly EnvVar[] = [],
): readonly EnvVar[] {
  const { pairing, sending, browser } = inputs;
  const set: Partial<Record<Name, string>> = {
    SESSION_NAME: session.metadata.name,
    DATA_DIR: paths.data,
    HOST: '0.0.0.0',
    PORT: String(ports.api),
    HEALTH_HOST: '0.0.0.0',
    HEALTH_PORT: String(ports.health),
    API_KEY_FILE: paths.apiKey,
    PAIRING_METHOD: pairing.method,
    ...(pairing.phoneNumber === undefined ? {} : { PAIRING_PHONE_NUMBER: pairing.phoneNumber }),
    SENDING_RATE_PER_MINUTE: String(sending.ratePerMinute),
    SENDING_MAX_ATTEMPTS: String(sending.maxAttempts),
    SENDING_ACK_TIMEOUT: sending.ackTimeout,
    SENDING_EXPIRES_AFTER: sending.expiresAfter,
    SENDING_UNPROVEN: sending.unproven.toLowerCase(),
    BROWSER_FLAVOR: browser.flavor,
    BROWSER_ARGS: browser.args.join(' '),
    BROWSER_SANDBOX: String(browser.seccompProfile !== undefined),
    SHUTDOWN_TIMEOUT: `${SHUTDOWN_SECONDS}s`,
  };
  const template = inputs.podTemplate?.env ?? [];
  const isFree = (name: string): boolean => !(name in set) && !template.some((own) => own.name === name);
  return [
    ...ofEverySession.filter(({ name }) => isFree(name)),
    ...Object.entries(set).map(([name, value]) => ({ name, value })),
    // A URL with a password. As a variable a missing Secret shows in the pod's status; the browser gets it anyway.
    ...(inputs.proxy === undefined
      ? []
      : [{ name: 'PROXY', valueFrom: { secretKeyRef: inputs.proxy.secretRef } }]),
    { name: 'HOME', value: paths.home },
    ...template.map(({ name, value, secretKeyRef }) =>
      secretKeyRef === undefined ? { name, value: value ?? '' } : { name, valueFrom: { secretKeyRef } },
    ),
  ];
}
