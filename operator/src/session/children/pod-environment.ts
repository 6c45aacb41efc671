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
  secrets: '/run/secrets/whatsapp',
  apiKey: '/run/secrets/whatsapp/api-key',
  proxyUrl: '/run/secrets/whatsapp/proxy-url',
} as const;

type Name = (typeof operatorEnvironment)[number];

/** The session's settings as the session pod reads them, sorted by the spec's order; a person's own variables last. */
export function podEnvironment(session: WhatsAppSession, inputs: PodInputs): readonly EnvVar[] {
  const { pairing, sending, browser } = inputs;
  const set: Partial<Record<Name, string>> = {
    SESSION_NAME: session.metadata.name,
    SESSION_NAMESPACE: session.metadata.namespace,
    DATA_DIR: paths.data,
    PORT: String(ports.api),
    HEALTH_PORT: String(ports.health),
    API_KEY_FILE: paths.apiKey,
    PAIRING_METHOD: pairing.method,
    ...(pairing.phoneNumber === undefined ? {} : { PAIRING_PHONE_NUMBER: pairing.phoneNumber }),
    SEND_RATE_PER_MINUTE: String(sending.ratePerMinute),
    SEND_MAX_ATTEMPTS: String(sending.maxAttempts),
    SEND_ACK_TIMEOUT: sending.ackTimeout,
    SEND_EXPIRES_AFTER: sending.expiresAfter,
    SEND_AMBIGUOUS: sending.ambiguous,
    BROWSER_FLAVOR: browser.flavor,
    BROWSER_ARGS: JSON.stringify(browser.args),
    BROWSER_SANDBOX: String(browser.seccompProfile !== undefined),
    ...(inputs.proxy === undefined ? {} : { PROXY_URL_FILE: paths.proxyUrl }),
  };
  return [
    ...Object.entries(set).map(([name, value]) => ({ name, value })),
    { name: 'HOME', value: paths.home },
    ...(inputs.podTemplate?.env ?? []).map(({ name, value, secretKeyRef }) =>
      secretKeyRef === undefined ? { name, value: value ?? '' } : { name, valueFrom: { secretKeyRef } },
    ),
  ];
}
