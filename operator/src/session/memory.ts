import type { ApiError } from '../kube/errors.ts';
import type { ObjectKey } from '../kube/key.ts';
import type { KubeObject, Live } from '../kube/objects.ts';
import type { ReadonlyStore } from '../kube/store.ts';
import type { RefusedWrite } from './act.ts';
import type { Refusal, Trouble, WriteTarget } from './observed.ts';

/** What one process remembers of the sessions beyond its caches. All of it can be lost: it is found out again. */

/**
 * The answers to our own writes, until the cache has caught up. Guarantee: an answer stands only while the cache shows
 * nothing newer, and no longer than `ttlMs`. An answer can come after the watch has told of it, and of what others made
 * of the object since: by resource versions the newer one wins, whichever came first.
 */
export class WrittenObjects<T extends KubeObject> {
  readonly #store: Pick<ReadonlyStore<T>, 'get'>;
  readonly #ttlMs: number;
  readonly #answers = new Map<ObjectKey, { readonly object: Live<T>; readonly at: number }>();

  constructor(store: Pick<ReadonlyStore<T>, 'get'>, ttlMs: number) {
    this.#store = store;
    this.#ttlMs = ttlMs;
  }

  /** The newest that is known of an object. */
  get(key: ObjectKey, now: number): Live<T> | undefined {
    const cached = this.#store.get(key);
    const answer = this.#answers.get(key);
    if (answer === undefined) return cached;
    if (now - answer.at < this.#ttlMs && isNewer(answer.object, cached)) return answer.object;
    this.#answers.delete(key);
    return cached;
  }

  note(key: ObjectKey, object: Live<T>, now: number): void {
    this.#answers.set(key, { object, at: now });
  }

  forget(key: ObjectKey): void {
    this.#answers.delete(key);
  }
}

/**
 * Whether one state of an object came after another. Resource versions are numbers that rise, for all objects of a kind
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
 */
const isNewer = (one: Live<KubeObject>, other: Live<KubeObject> | undefined): boolean =>
  other === undefined || BigInt(one.metadata.resourceVersion) > BigInt(other.metadata.resourceVersion);

/** First and longest pause between two attempts at a write that was refused, in milliseconds. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 300_000;

/** What is remembered of one session. */
export interface Remembered {
  readonly refusals: Readonly<Partial<Record<WriteTarget, Refusal>>>;
  readonly trouble: { readonly found: Trouble | undefined; readonly at: number } | undefined;
  /** When its status was last written, in milliseconds since 1970. */
  readonly writtenAt: number;
}

export const nothingRemembered: Remembered = { refusals: {}, trouble: undefined, writtenAt: 0 };

/** Adds a refusal; the same write refused again waits twice as long. */
export function withRefusal(before: Remembered, write: RefusedWrite, now: number): Remembered {
  const earlier = before.refusals[write.target];
  const count = earlier?.fingerprint === write.fingerprint ? earlier.count + 1 : 1;
  const refusal: Refusal = {
    fingerprint: write.fingerprint,
    code: Number(write.error.code),
    reason: write.error.reason,
    message: messageOf(write.error),
    retryAt: now + Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), LONGEST_PAUSE_MS),
    count,
  };
  return { ...before, refusals: { ...before.refusals, [write.target]: refusal } };
}

/** What the API server said, without request, code and reason, which tell a person nothing. */
const messageOf = ({ message, attempted, code, reason }: ApiError): string =>
  [`${attempted}: `, `${code} `, `${reason} `].reduce(
    (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
    message,
  );

/** Forgets the refusals of targets that were written since. */
export function withoutRefusals(before: Remembered, targets: readonly WriteTarget[]): Remembered {
  const kept = Object.entries(before.refusals).filter(([target]) => !targets.includes(target as WriteTarget));
  return { ...before, refusals: Object.fromEntries(kept) };
}
