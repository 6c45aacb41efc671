import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { ObjectKey } from '../kube/key.ts';
import type { KubeObject, Live, NetworkPolicy, PersistentVolumeClaim, Service } from '../kube/objects.ts';
import type { Pod } from '../kube/pod.ts';
import type { ReadonlyStore } from '../kube/store.ts';
import { nothingRemembered, type Remembered, WrittenObjects } from './memory.ts';
import type { ChildKind, Observed } from './observed.ts';
import { ownershipOf } from './ownership.ts';
import { viewPod } from './pod-view.ts';
import type { StatusPuller } from './pull.ts';
import type { SessionObject } from './session-resource.ts';
import { Turns, type updatingIndex } from './turns.ts';

/** The caches that a decision rests on. Children are found by the session's own name. */
export interface Caches {
  readonly sessions: ReadonlyStore<SessionObject, typeof updatingIndex>;
  readonly pods: ReadonlyStore<Pod>;
  readonly claims: ReadonlyStore<PersistentVolumeClaim>;
  readonly services: ReadonlyStore<Service>;
  readonly networkPolicies: ReadonlyStore<NetworkPolicy>;
}

/** How long the answer to a write of ours is believed without the cache confirming it, in milliseconds. */
const WRITTEN_MS = 20_000;

/**
 * Gathers what is known of a session into one plain value. Guarantees: it waits for nothing and asks nobody; what this
 * process wrote itself is in it, although the caches may lag behind.
 */
export class Observer {
  readonly turns: Turns;
  readonly #puller: Pick<StatusPuller, 'answer' | 'awaitedSince' | 'follow' | 'unfollow'>;
  readonly #now: () => number;
  readonly #sessions: WrittenObjects<SessionObject>;
  readonly #children: {
    readonly pod: WrittenObjects<Pod>;
    readonly claim: WrittenObjects<PersistentVolumeClaim>;
    readonly service: WrittenObjects<Service>;
    readonly networkPolicy: WrittenObjects<NetworkPolicy>;
  };
  readonly #remembered = new Map<ObjectKey, Remembered>();

  constructor(
    caches: Caches,
    puller: Pick<StatusPuller, 'answer' | 'awaitedSince' | 'follow' | 'unfollow'>,
    updateTimeoutMs: number,
    now: () => number,
  ) {
    this.turns = new Turns(caches.sessions as never, updateTimeoutMs);
    this.#puller = puller;
    this.#now = now;
    this.#sessions = new WrittenObjects(caches.sessions, WRITTEN_MS);
    this.#children = {
      pod: new WrittenObjects(caches.pods, WRITTEN_MS),
      claim: new WrittenObjects(caches.claims, WRITTEN_MS),
      service: new WrittenObjects(caches.services, WRITTEN_MS),
      networkPolicy: new WrittenObjects(caches.networkPolicies, WRITTEN_MS),
    };
  }

  session(key: ObjectKey): WhatsAppSession | undefined {
    return this.#sessions.get(key, this.#now()) as unknown as WhatsAppSession | undefined;
  }

  observe(key: ObjectKey): Observed | undefined {
    const now = this.#now();
    const session = this.session(key);
    if (session === undefined) return undefined;
    const { refusals, trouble } = this.remembered(key);
    const pod = this.#children.pod.get(key, now);
    return {
      session,
      pod,
      claim: this.#children.claim.get(key, now),
      service: this.#children.service.get(key, now),
      networkPolicy: this.#children.networkPolicy.get(key, now),
      answer: pod === undefined ? undefined : this.#puller.answer(key, pod.metadata.uid),
      refusals,
      trouble: trouble?.found,
      othersUpdating: this.turns.othersThan(session.metadata.uid, now),
    };
  }

  /** Has the session's pod asked, as long as there is one that runs. */
  follow(key: ObjectKey): void {
    const observed = this.observe(key);
    const pod = observed?.pod;
    const view = viewPod(pod, this.#now());
    if (observed === undefined || pod === undefined || view.kind !== 'running' || view.ip === undefined) {
      this.#puller.unfollow(key);
      return;
    }
    if (ownershipOf(pod, observed.session).kind === 'foreign') return;
    this.#puller.follow({ key, podUID: pod.metadata.uid, ip: view.ip, ready: view.ready });
  }

  /** Since when the session's pod was asked what it has become without an answer yet. */
  awaitedSince(key: ObjectKey): number | undefined {
    return this.#puller.awaitedSince(key);
  }

  remembered(key: ObjectKey): Remembered {
    return this.#remembered.get(key) ?? nothingRemembered;
  }

  remember(key: ObjectKey, change: (before: Remembered) => Remembered): void {
    this.#remembered.set(key, change(this.remembered(key)));
  }

  note(child: ChildKind, key: ObjectKey, object: Live<KubeObject>): void {
    this.#children[child].note(key, object as never, this.#now());
  }

  noteSession(key: ObjectKey, session: Live<SessionObject>): void {
    this.#sessions.note(key, session, this.#now());
  }

  /** The session is gone. */
  forget(key: ObjectKey): void {
    this.#remembered.delete(key);
    this.#sessions.forget(key);
    for (const child of Object.values(this.#children)) child.forget(key);
    this.#puller.unfollow(key);
  }
}
