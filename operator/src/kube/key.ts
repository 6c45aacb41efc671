import type { KubeObject } from './objects.ts';
import type { ObjectRef } from './resource.ts';

/** `namespace/name`, or the name alone for kinds without namespaces: what work queues and stores go by. */
export type ObjectKey = string;

export const keyOf = (object: KubeObject): ObjectKey => keyOfRef(object.metadata);

export const keyOfRef = (ref: ObjectRef): ObjectKey =>
  ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;

export function refOf(key: ObjectKey): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
