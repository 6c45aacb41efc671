import { GROUP, KIND, VERSION, type WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { OwnerReference } from '../kube/objects.ts';

/** Names, labels and annotations of a session's children. Pod, claim, Service and policy bear the session's name. */

export const labels = {
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  managedBy: 'app.kubernetes.io/managed-by',
  /** Name of the session that an object belongs to: what a retained claim is known by. */
  session: `${GROUP}/session`,
} as const;

/** Label selector of everything that the operator made: what its caches hold. */
export const managedSelector = `${labels.managedBy}=whatsapp-operator`;

/** On the pod: what of the session's spec it was made from, as JSON. */
export const inputsAnnotation = `${GROUP}/pod-inputs`;

export const containerName = 'session';

/** Ports of the session's container and Service. */
export const ports = { api: 3000, health: 8081 } as const;

/** Key within the generated Secret. */
export const generatedKeyName = 'api-key';

export const apiKeySecretName = (session: string): string => `${session}-api-key`;

export const childLabels = (session: WhatsAppSession): Readonly<Record<string, string>> => ({
  [labels.name]: 'whatsapp-session',
  [labels.instance]: session.metadata.name,
  [labels.managedBy]: 'whatsapp-operator',
  [labels.session]: session.metadata.name,
});

/** What Service and NetworkPolicy select pods by. */
export const selectorLabels = (session: WhatsAppSession): Readonly<Record<string, string>> => ({
  [labels.name]: 'whatsapp-session',
  [labels.session]: session.metadata.name,
});

/**
 * Makes the garbage collector delete a child with its session. Without `blockOwnerDeletion`, which would need a right
 * on the session's finalizers.
 */
export const ownerReference = (session: WhatsAppSession): OwnerReference => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind: KIND,
  name: session.metadata.name,
  uid: session.metadata.uid,
  controller: true,
});

/** Metadata that every child has. */
export const childMeta = (session: WhatsAppSession, name = session.metadata.name) => ({
  name,
  namespace: session.metadata.namespace,
  labels: childLabels(session),
  ownerReferences: [ownerReference(session)],
});
