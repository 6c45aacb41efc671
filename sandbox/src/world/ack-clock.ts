import type { PlannedAck } from './plan-acks.ts';

/** A message whose acks are awaited. */
export interface AckTarget {
  readonly account: string;
  readonly chat: string;
  readonly id: string;
}

/** Told of each ack when it is due; `last` marks the final one of its message. */
export type OnAck = (target: AckTarget, planned: PlannedAck, last: boolean) => void;

/** Holds the timers of the acks to come. Stopping forgets them: the store knows which messages wait. */
export class AckClock {
  readonly #onAck: OnAck;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(onAck: OnAck) {
    this.#onAck = onAck;
  }

  schedule(target: AckTarget, plan: readonly PlannedAck[]): void {
    for (const [index, planned] of plan.entries()) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#onAck(target, planned, index === plan.length - 1);
      }, planned.afterMs);
      this.#timers.add(timer);
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
