import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { Secret } from '../../kube/objects.ts';
import { apiKeySecretName, childMeta, generatedKeyName } from '../names.ts';

/**
 * The generated API key. Only ever created: the operator has no right to read or change Secrets. It lives as long as
 * the claim does, so that a session which is created again keeps account and key.
 *
 * @param key At least 32 random bytes as text.
 */
export function buildApiKeySecret(session: WhatsAppSession, key: string): Secret {
  const { ownerReferences, ...unowned } = childMeta(session, apiKeySecretName(session.metadata.name));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: session.spec.storage.retentionPolicy === 'Retain' ? unowned : { ...unowned, ownerReferences },
    type: 'Opaque',
    stringData: { [generatedKeyName]: key },
  };
}
