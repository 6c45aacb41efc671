import { jittered, type Random } from '../random.ts';
import type { Ack } from '../wire.ts';

/** How long each step of a message takes on average, in milliseconds after the server has it. */
export interface AckTiming {
  readonly serverMs: number;
  readonly deviceMs: number;
  readonly readMs: number;
}

/** What the faults in force do to the acks of one message. */
export interface AckFaults {
  /** Added to every ack. */
  readonly delayMs: number;
  /** Levels that never come. */
  readonly withheld: readonly Ack[];
  /** Levels come in the reverse order. */
  readonly reversed: boolean;
}

export const NO_ACK_FAULTS: AckFaults = { delayMs: 0, withheld: [], reversed: false };

export interface PlannedAck {
  readonly ack: Ack;
  /** Milliseconds from now. */
  readonly afterMs: number;
}

/**
 * When each ack of a message is due, soonest first. `from` is the level that it has already; a voice message
 * (`played`) ends in 4, everything else in 3.
 */
export function planAcks(
  timing: AckTiming,
  faults: AckFaults,
  random: Random,
  { from, played }: { readonly from: Ack; readonly played: boolean },
): readonly PlannedAck[] {
  const steps: readonly (readonly [Ack, number])[] = [
    [1, timing.serverMs],
    [2, timing.deviceMs],
    [3, timing.readMs],
    ...(played ? ([[4, timing.readMs]] as const) : []),
  ];
  let elapsed = faults.delayMs;
  const due = steps
    .filter(([ack]) => ack > from)
    .map(([ack, ms]) => {
      elapsed += jittered(random, ms);
      return { ack, afterMs: elapsed };
    });
  const order = faults.reversed ? due.map(({ ack }) => ack).reverse() : due.map(({ ack }) => ack);
  return due
    .map(({ afterMs }, index) => ({ ack: order[index] ?? 1, afterMs }))
    .filter(({ ack }) => !faults.withheld.includes(ack));
}
