import type { KubeObject, Live } from './objects.ts';

/** What of an object the cache keeps. Gets a fresh object that it may change; identity and version must stay. */
export type Transform<T extends KubeObject> = (object: Live<T>) => Live<T>;

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Drops what no controller reads and what fills most of a cache: the managed fields, and kubectl's copy of the whole
 * object. In place: the object comes fresh from JSON and nobody else has it.
 */
export function stripBookkeeping<T extends KubeObject>(object: Live<T>): Live<T> {
  const metadata: { managedFields?: unknown; annotations?: Record<string, string> } = object.metadata;
  delete metadata.managedFields;
  if (metadata.annotations !== undefined) delete metadata.annotations[lastApplied];
  return object;
}
