import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { PersistentVolumeClaim } from '../../kube/objects.ts';
import { childMeta } from '../names.ts';

/**
 * The volume claim. Retained, it has no owner, so that it outlives the session; its label is what a session of the
 * same name finds it by.
 */
export function buildClaim(session: WhatsAppSession): PersistentVolumeClaim {
  const { storage } = session.spec;
  const { ownerReferences, ...unowned } = childMeta(session);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: storage.retentionPolicy === 'Retain' ? unowned : { ...unowned, ownerReferences },
    spec: {
      accessModes: [storage.accessMode],
      ...(storage.storageClassName === undefined ? {} : { storageClassName: storage.storageClassName }),
      resources: { requests: { storage: String(storage.size) } },
    },
  };
}
