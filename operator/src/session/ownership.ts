import { KIND, type WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { KubeObject, Live } from '../kube/objects.ts';
import { labels } from './names.ts';

/** Whose an object is that bears the name of a session's child. */
export type Ownership =
  /** Controlled by this very session, by UID. */
  | { readonly kind: 'ours' }
  /** Of a deleted session of the same name; the garbage collector is about to take it. */
  | { readonly kind: 'predecessor' }
  /** Nobody's, and our labels on it name this session: a retained claim, or what `--cascade=orphan` left. */
  | { readonly kind: 'adoptable' }
  /** Somebody else's: never touched. */
  | { readonly kind: 'foreign'; readonly why: string };

/** Found by name, judged by UID. Labels alone make an object ours only when nobody controls it. */
export function ownershipOf(object: Live<KubeObject>, session: WhatsAppSession): Ownership {
  const controller = object.metadata.ownerReferences?.find((owner) => owner.controller === true);
  if (controller?.uid === session.metadata.uid) return { kind: 'ours' };
  if (controller !== undefined) {
    return controller.kind === KIND && controller.name === session.metadata.name
      ? { kind: 'predecessor' }
      : { kind: 'foreign', why: `${controller.kind} ${controller.name} controls it` };
  }
  const named = object.metadata.labels?.[labels.session];
  if (named === session.metadata.name && object.metadata.labels?.[labels.managedBy] === 'whatsapp-operator')
    return { kind: 'adoptable' };
  return {
    kind: 'foreign',
    why: named === undefined ? 'the operator did not make it' : `it belongs to session ${named}`,
  };
}
