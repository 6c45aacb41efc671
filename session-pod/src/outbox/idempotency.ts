import { createHash } from 'node:crypto';

/**
 * A digest of a request by which "the same body" is recognised: of the parsed body, so that neither the order of
 * members nor an omitted default makes a difference. A file that came with the request counts by its own digest,
 * one that is fetched by its URL.
 */
export function requestDigest(body: unknown): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}

/** JSON with the members of every object in order; undefined members are left out, as JSON does. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : member,
  );
}
