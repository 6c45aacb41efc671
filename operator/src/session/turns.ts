import { KIND, type WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { KubeObject, Live } from '../kube/objects.ts';
import type { IndexFunction, ReadonlyStore } from '../kube/store.ts';

/**
 * Who is on the way back from a replacement, over the whole fleet.
 *
 * Guarantees: the count rests on the statuses in the cluster, so that a new leader goes on where the old one stopped;
 * what this process granted a moment ago counts although no cache shows it yet.
 */
export class Turns {
  readonly #sessions: Pick<ReadonlyStore<Live<KubeObject>, typeof updatingIndex>, 'byIndex'>;
  readonly #timeoutMs: number;
  readonly #granted = new Map<string, number>();

  constructor(
    sessions: Pick<ReadonlyStore<Live<KubeObject>, typeof updatingIndex>, 'byIndex'>,
    timeoutMs: number,
  ) {
    this.#sessions = sessions;
    this.#timeoutMs = timeoutMs;
  }

  /** How many sessions but this one hold a place now. */
  othersThan(uid: string, now: number): number {
    const holders = new Set<string>();
    for (const session of this.#sessions.byIndex(updatingIndex, KIND)) {
      const since = updatingSince(session as unknown as WhatsAppSession);
      if (since !== undefined && now - since <= this.#timeoutMs) holders.add(session.metadata.uid);
      this.#granted.delete(session.metadata.uid);
    }
    for (const [granted, at] of this.#granted) {
      if (now - at > GRANT_MS) this.#granted.delete(granted);
      else holders.add(granted);
    }
    holders.delete(uid);
    return holders.size;
  }

  grant(uid: string, now: number): void {
    this.#granted.set(uid, now);
  }

  revoke(uid: string): void {
    this.#granted.delete(uid);
  }
}

/** A grant that the cache does not show after this many milliseconds came to nothing. */
const GRANT_MS = 30_000;

/** Name of the index of sessions that are being replaced. */
export const updatingIndex = 'updating';

export const byUpdating: IndexFunction<KubeObject> = (session) =>
  updatingSince(session as unknown as WhatsAppSession) === undefined ? [] : [KIND];

function updatingSince(session: WhatsAppSession): number | undefined {
  const condition = session.status?.conditions?.find(({ type }) => type === 'Updating');
  return condition?.status === 'True' ? Date.parse(condition.lastTransitionTime) : undefined;
}
