import type { Transition } from '@whatsapp-operator/api/session';
import type { Engine } from '../engine/engine.ts';
import type { SessionView } from './decide.ts';

/** What the outbox follows of the session: whether it is connected, and which life of the page it talks to. */
export class SessionWatch {
  readonly #engine: Engine;
  #life = 0;
  #accountIsKnown = false;
  #recoveredAt = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Changes whenever what the page said before counts no more. */
  get life(): number {
    return this.#life;
  }

  /** Connected, and with the account for which messages were accepted. */
  get connected(): boolean {
    return this.#accountIsKnown && this.#engine.snapshot.state === 'Connected';
  }

  /** The account was looked at, and what follows from it is on disk: sending may begin. */
  accountChecked(): void {
    // Writing that down can take so long, on a full disk, that the session is another one by then.
    this.#accountIsKnown = this.#engine.snapshot.state === 'Connected';
  }

  get view(): SessionView {
    const { connectedSince } = this.#engine.snapshot;
    return { connected: this.connected, quietSince: Math.max(connectedSince ?? 0, this.#recoveredAt) };
  }

  get accountId(): string | undefined {
    return this.#engine.snapshot.account?.id;
  }

  /** Something was done about the line; its effect takes time. */
  recovered(now: number): void {
    this.#recoveredAt = now;
  }

  /** True when the page that was asked so far is gone. */
  follow(transition: Transition): boolean {
    if (transition.to !== 'Connected') this.#accountIsKnown = false;
    if (!endsPage(transition)) return false;
    this.#life += 1;
    return true;
  }
}

/** A lost socket leaves the page as it is; everything else that leaves Connected ends or renews it. */
export const endsPage = ({ to, reason }: Transition): boolean =>
  to !== 'Connected' && to !== 'Syncing' && !(to === 'Disconnected' && isOfTheLine(reason));

const isOfTheLine = (reason: Transition['reason']): boolean =>
  reason === 'socket_lost' || reason === 'socket_silent' || reason === 'progress';

/** The registration is gone, and with it the history by which anything could be proven. */
export const endsRegistration = ({ to }: Transition): boolean => to === 'LoggedOut' || to === 'Pairing';
