import { createHash } from 'node:crypto';

/** JSON with sorted keys and without what is undefined: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Short enough for an annotation, long enough never to meet another. */
export const fingerprint = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);

/**
 * Whether `actual` says everything that `desired` says; it may say more, as objects do after the API server has filled
 * in defaults. Arrays have to be of one length: an element too many is a difference.
 */
export function covers(actual: unknown, desired: unknown): boolean {
  if (Array.isArray(desired)) {
    if (!Array.isArray(actual) || actual.length !== desired.length) return false;
    return desired.every((element, index) => covers(actual[index], element));
  }
  if (typeof desired !== 'object' || desired === null) return actual === desired;
  if (typeof actual !== 'object' || actual === null) return false;
  return Object.entries(desired).every(
    ([key, value]) => value === undefined || covers((actual as Record<string, unknown>)[key], value),
  );
}
