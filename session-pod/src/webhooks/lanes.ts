import type { FailedEvent } from './endpoint.ts';

/** What waits for one receiver in one chat. */
export interface Lane {
  readonly chat: string;
  /** Ids of events, in order; the first is next. */
  readonly queue: number[];
  /** Dead letters that are sent again, in order; before everything else. */
  readonly redrives: number[];
  /** The event that was tried in vain, while it is the next. */
  failing: FailedEvent | undefined;
  /** It did not fail by itself: the receiver did not answer at all. */
  waitsForReceiver: boolean;
  nextAt: number;
  busy: boolean;
}

/**
 * What waits for one receiver, chat by chat. Pure bookkeeping: which chat is next, and up to which event everything is
 * done. Chats take turns, however much waits in each.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  /** The last event that was looked at; everything behind it is in no lane yet. */
  scanned: number;
  #pending = 0;

  constructor(scanned: number) {
    this.scanned = scanned;
  }

  /** Events that wait. */
  get pending(): number {
    return this.#pending;
  }

  /** Chats whose next event was tried and waits. */
  get failing(): number {
    let count = 0;
    for (const { failing } of this.#lanes.values()) if (failing !== undefined) count += 1;
    return count;
  }

  add(chat: string, event: number): void {
    this.#lane(chat).queue.push(event);
    this.#pending += 1;
  }

  addRedrive(chat: string, event: number): void {
    const { redrives } = this.#lane(chat);
    if (redrives.includes(event)) return;
    redrives.push(event);
    redrives.sort((a, b) => a - b);
    this.#pending += 1;
  }

  /** Takes up what was tried before the process began. */
  resume(failed: FailedEvent): void {
    const lane = this.#lane(failed.chat);
    if (lane.failing !== undefined && lane.failing.event < failed.event) return;
    lane.failing = failed;
    lane.nextAt = failed.nextAt;
  }

  /** The chat whose turn it is, marked busy. */
  take(now: number): Lane | undefined {
    for (const lane of this.#lanes.values()) {
      if (lane.busy || lane.nextAt > now || next(lane) === undefined) continue;
      lane.busy = true;
      // To the end of the line.
      this.#lanes.delete(lane.chat);
      this.#lanes.set(lane.chat, lane);
      return lane;
    }
    return undefined;
  }

  /** An event of a lane is done with. */
  done(lane: Lane, event: number): void {
    // Which of the two it is was true when it was taken; a redrive may have come in front of it since.
    const list = lane.queue[0] === event ? lane.queue : lane.redrives;
    if (list[0] === event) list.shift();
    else list.splice(list.indexOf(event), 1);
    this.#pending -= 1;
    lane.failing = undefined;
    lane.waitsForReceiver = false;
    lane.nextAt = 0;
    this.release(lane);
  }

  /** The event of a lane is tried again later. */
  delay(lane: Lane, failing: FailedEvent, waitsForReceiver: boolean): void {
    lane.failing = failing;
    lane.waitsForReceiver = waitsForReceiver;
    lane.nextAt = failing.nextAt;
    this.release(lane);
  }

  release(lane: Lane): void {
    lane.busy = false;
    if (next(lane) === undefined) this.#lanes.delete(lane.chat);
  }

  /** The receiver answers again: whoever waited only for that is due. */
  receiverIsBack(): void {
    for (const lane of this.#lanes.values()) if (lane.waitsForReceiver) lane.nextAt = 0;
  }

  /** When the next chat is due; undefined when nothing waits, or only for answers. */
  nextAt(): number | undefined {
    let earliest: number | undefined;
    for (const lane of this.#lanes.values()) {
      if (lane.busy || next(lane) === undefined) continue;
      if (earliest === undefined || lane.nextAt < earliest) earliest = lane.nextAt;
    }
    return earliest;
  }

  /** Everything up to here is done. */
  doneTo(): number {
    let lowest = this.scanned;
    for (const { queue } of this.#lanes.values()) {
      const [first] = queue;
      if (first !== undefined) lowest = Math.min(lowest, first - 1);
    }
    return lowest;
  }

  #lane(chat: string): Lane {
    let lane = this.#lanes.get(chat);
    if (lane === undefined) {
      lane = {
        chat,
        queue: [],
        redrives: [],
        failing: undefined,
        waitsForReceiver: false,
        nextAt: 0,
        busy: false,
      };
      this.#lanes.set(chat, lane);
    }
    return lane;
  }
}

/** The event that is next in a lane. */
export const next = ({ redrives, queue }: Lane): number | undefined => redrives[0] ?? queue[0];
