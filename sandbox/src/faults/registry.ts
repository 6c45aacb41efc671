import { SandboxError } from '../errors.ts';
import { type OnMark, unwatched } from '../live/mark.ts';
import { type Random, seededRandom } from '../random.ts';
import type { AckFaults } from '../world/plan-acks.ts';
import { classify, type Fault, type ServerFault, type StandingPageFault } from './fault.ts';

/** A fault that is in force until it is cleared or used up. */
export interface StandingFault {
  readonly id: string;
  /** The account's number; null for every account, and for pages that belong to none yet. */
  readonly account: string | null;
  readonly fault: Fault;
  /** How many more times it strikes; null for ever. Only faults that are drawn per send or request count. */
  readonly remaining: number | null;
}

type ServerFaultOf<K extends ServerFault['kind']> = Extract<ServerFault, { kind: K }>;

/**
 * The faults in force. Kept in memory only: a restarted sandbox is a healthy one.
 *
 * Every fault draws from a stream of its own for each account, made from the seed. So the same seed, the same
 * faults and the same messages of an account strike the same ones, whatever other accounts do meanwhile.
 */
export class FaultRegistry {
  readonly #seed: string;
  readonly #streams = new Map<string, Random>();
  readonly #now: () => number;
  readonly #onMark: OnMark;
  readonly #standing = new Map<string, StandingFault>();
  readonly #sendTimes = new Map<string, number[]>();
  #nextId = 1;

  constructor(seed: string, now: () => number, onMark: OnMark = unwatched) {
    this.#seed = seed;
    this.#now = now;
    this.#onMark = onMark;
  }

  add(account: string | null, fault: Fault, times: number | null): StandingFault {
    const standing = { id: `fault-${this.#nextId++}`, account, fault, remaining: times };
    this.#standing.set(standing.id, standing);
    this.#onMark({ kind: 'faults' });
    return standing;
  }

  list(): readonly StandingFault[] {
    return [...this.#standing.values()];
  }

  /** Throws FAULT_UNKNOWN when it is not in force (any more). */
  clear(id: string): void {
    if (!this.#standing.delete(id)) throw new SandboxError('FAULT_UNKNOWN', `no fault "${id}" is in force`);
    this.#onMark({ kind: 'faults' });
  }

  /** Clears the faults of one account, or every one with null. */
  clearAll(account: string | null): void {
    for (const { id, account: owner } of this.list()) {
      if (account === null || owner === account) this.#standing.delete(id);
    }
    this.#onMark({ kind: 'faults' });
  }

  /** The faults that a page of this account (null: not linked) has to play itself. */
  pageFaults(account: string | null): readonly StandingPageFault[] {
    return this.#inForce(account)
      .map(({ fault }) => classify(fault))
      .flatMap((classified) => (classified.kind === 'page' ? [classified.fault] : []));
  }

  /** The newest fault of this kind for the account, without a draw. */
  find<K extends ServerFault['kind']>(account: string | null, kind: K): ServerFaultOf<K> | undefined {
    return this.#newest(account, kind)?.fault as ServerFaultOf<K> | undefined;
  }

  /** Whether a fault of this kind strikes now: draws its probability and uses up one of its times. */
  strikes<K extends ServerFault['kind']>(account: string | null, kind: K): ServerFaultOf<K> | undefined {
    const standing = this.#newest(account, kind);
    if (standing === undefined) return undefined;
    const fault = standing.fault as ServerFaultOf<K>;
    if ('probability' in fault && this.#draw(standing.id, account) >= fault.probability) return undefined;
    if (standing.remaining !== null) this.#useUp(standing, standing.remaining);
    return fault;
  }

  /** The code with which a fault refuses this account's next message; null lets it pass. */
  refusal(account: string): string | null {
    const refused = this.strikes(account, 'refuse-sends');
    if (refused !== undefined) return refused.code;
    const limit = this.find(account, 'rate-limit');
    if (limit === undefined) return null;
    const minuteAgo = this.#now() - 60_000;
    const recent = (this.#sendTimes.get(account) ?? []).filter((time) => time > minuteAgo);
    if (recent.length >= limit.perMinute) return '429';
    this.#sendTimes.set(account, [...recent, this.#now()]);
    return null;
  }

  ackFaults(account: string): AckFaults {
    return {
      delayMs: this.find(account, 'delay-acks')?.ms ?? 0,
      withheld: this.find(account, 'withhold-acks')?.acks ?? [],
      reversed: this.find(account, 'reorder-acks') !== undefined,
    };
  }

  #useUp(standing: StandingFault, remaining: number): void {
    if (remaining === 1) this.#standing.delete(standing.id);
    else this.#standing.set(standing.id, { ...standing, remaining: remaining - 1 });
    this.#onMark({ kind: 'faults' });
  }

  #draw(fault: string, account: string | null): number {
    const name = `${this.#seed} ${fault} ${account}`;
    const stream = this.#streams.get(name) ?? seededRandom(name);
    this.#streams.set(name, stream);
    return stream();
  }

  #inForce(account: string | null): readonly StandingFault[] {
    return this.list().filter((standing) => standing.account === null || standing.account === account);
  }

  #newest(account: string | null, kind: ServerFault['kind']): StandingFault | undefined {
    return this.#inForce(account).findLast(({ fault }) => fault.kind === kind);
  }
}
