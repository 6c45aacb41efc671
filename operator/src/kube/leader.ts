import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { KubeClient } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { ApiError, isConflict, isNotFound } from './errors.ts';
import {
  type Contestant,
  decideLease,
  leaseSpec,
  type Observation,
  observe,
  releasedSpec,
} from './lease-decision.ts';
import type { Logger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import type { Lease, LeaseSpec, Live } from './objects.ts';
import { leases } from './resource.ts';

/**
 * One leader among several processes, by a Lease. Guarantees:
 * - `isLeader` is true in at most one process at a time, as long as the local clocks of all run at nearly the same
 *   rate (15 s of one are more than 10 s of another); what the clocks show does not matter;
 * - it is answered from the clock at the moment of asking, so a process that was stopped for longer than the renew
 *   deadline and goes on is no leader in its first instruction, before any timer has fired;
 * - leadership is lost once and for all: `onLost` is called and the process should end.
 * Not covered: a Lease deleted by hand, which a process that starts just then takes at once; a write that was sent while leading and is carried out much later. The 5 s between renew deadline and
 * lease duration are for those. Needs a client that is not fenced by this elector, better with a connection of its
 * own, so that renewing never queues behind other requests.
 */
export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Unlike that of any other process. Default: host name and a UUID. */
  readonly identity?: string;
  /** Others wait this long after the last renewal. Default 15 s. */
  readonly leaseMs?: number;
  /** Without a renewal for this long the leader stops to be one. Less than `leaseMs`. Default 10 s. */
  readonly renewDeadlineMs?: number;
  /** Between two attempts to take or renew. Default 2 s. */
  readonly retryMs?: number;
  readonly log: Logger;
  readonly metrics: RuntimeMetrics;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface LeaderCallbacks {
  readonly onElected: () => void;
  readonly onLost: (why: string) => void;
  /** Asked at the end: false leaves the lease to run out, for work that may still be under way. Default true. */
  readonly mayRelease?: () => boolean;
}

type LeaderState =
  /** Not the leader yet. */
  | { readonly kind: 'Standby' }
  /** The leader, until `renewDeadlineMs` after the last renewal was sent. */
  | { readonly kind: 'Leading'; readonly renewed: Instant }
  /** Was the leader. Final. */
  | { readonly kind: 'Lost' }
  /** Gave the lease up, or ended without ever having had it. Final. */
  | { readonly kind: 'Released' };

/** Both clocks: the monotonic one stands still while the machine sleeps, the other one may be set back. */
interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

export const uniqueIdentity = (): string => `${hostname()}_${randomUUID()}`;

export class LeaderElector {
  readonly identity: string;
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #contestant: Contestant;
  readonly #renewDeadlineMs: number;
  readonly #retryMs: number;
  #state: LeaderState = { kind: 'Standby' };
  #seen: Observation | undefined;
  /** The Lease as this process last wrote it: renewed without reading it first. */
  #written: Live<Lease> | undefined;

  constructor(options: LeaderElectorOptions) {
    const { leaseMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2000 } = options;
    if (!(retryMs > 0 && retryMs * 1.2 < renewDeadlineMs && renewDeadlineMs < leaseMs)) {
      throw new RangeError(`leader election: want 1.2 * ${retryMs} < ${renewDeadlineMs} < ${leaseMs} ms`);
    }
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#renewDeadlineMs = renewDeadlineMs;
    this.#retryMs = retryMs;
    this.identity = options.identity ?? uniqueIdentity();
    this.#contestant = { identity: this.identity, leaseMs };
    options.metrics.leader.set({ name: options.name }, 0);
    options.metrics.leaseFailures.inc({ name: options.name }, 0);
  }

  /** Whether this process leads at this moment. */
  isLeader(): boolean {
    return this.#state.kind === 'Leading' && this.#remainingMs(this.#state.renewed) > 0;
  }

  /** Throws `not_leader` unless this process leads: to be asked before each write. */
  readonly fence = (): void => {
    if (this.isLeader()) return;
    throw new ApiError({
      attempted: 'writing',
      code: 'not_leader',
      message: `${this.identity} does not lead`,
    });
  };

  /**
   * Takes part until the signal is aborted or leadership is lost. The signal must come after the work as leader has
   * ended: the lease is released then, and somebody else may start at once. Never throws.
   */
  async run(signal: AbortSignal, callbacks: LeaderCallbacks): Promise<void> {
    for (;;) {
      if (signal.aborted) break;
      await this.#attempt(signal, callbacks);
      if (this.#isLost()) return;
      // Standbys spread out, so that they do not all try in the same moment.
      const spread = this.#state.kind === 'Standby' ? 1 + 0.2 * this.#random() : 1;
      await sleep(this.#clock, this.#retryMs * spread, signal);
    }
    await this.#release(callbacks.mayRelease?.() ?? true);
  }

  async #attempt(signal: AbortSignal, callbacks: LeaderCallbacks): Promise<void> {
    const state = this.#state;
    const remaining = state.kind === 'Leading' ? this.#remainingMs(state.renewed) : this.#renewDeadlineMs;
    if (remaining <= 0) {
      this.#lose('the lease was not renewed in time', callbacks);
      return;
    }
    // Half of the time, so that one hanging request leaves time for another.
    const timeoutMs = Math.min(remaining, this.#renewDeadlineMs / 2);
    try {
      const held = await this.#takeOrRenew({ signal, timeoutMs, retries: 0 });
      if (held.kind === 'held') this.#hold(held.sentAt, callbacks);
      else if (this.#state.kind === 'Leading') this.#lose(`${held.holder} holds the lease`, callbacks);
    } catch (error) {
      if (signal.aborted) return;
      this.#written = undefined;
      const { log, metrics, name } = this.#options;
      metrics.leaseFailures.inc({ name });
      log.warn(
        { lease: name, leading: this.isLeader(), err: error },
        'lease not taken or renewed, will be tried again',
      );
    }
    if (this.#state.kind === 'Leading' && !this.isLeader()) {
      this.#lose('the lease was not renewed in time', callbacks);
    }
  }

  async #takeOrRenew(
    call: CallLimits,
  ): Promise<
    { readonly kind: 'held'; readonly sentAt: Instant } | { readonly kind: 'other'; readonly holder: string }
  > {
    if (this.#written !== undefined) return this.#write(this.#written, call);
    const lease = await this.#read(call);
    const now = this.#clock.monotonic();
    // A Lease that somebody deleted may still be relied on by its holder.
    if (lease !== undefined) this.#seen = observe(this.#seen, lease, now);
    const decision = decideLease(this.#contestant, this.#seen, now);
    if (decision.kind === 'wait') return { kind: 'other', holder: decision.holder };
    return this.#write(lease, call);
  }

  async #read(call: CallLimits): Promise<Live<Lease> | undefined> {
    try {
      return await this.#options.client.get(leases, this.#options, call);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Writes on top of exactly the Lease that was read; whoever else wrote in between wins. */
  async #write(before: Live<Lease> | undefined, call: CallLimits) {
    const { client, namespace, name } = this.#options;
    const sentAt = this.#instant();
    const spec = leaseSpec(this.#contestant, before?.spec, sentAt.wall);
    const lease =
      before === undefined
        ? await client.create(leases, leaseObject({ name, namespace }, spec), call)
        : await client.replace(leases, { ...before, spec }, call);
    this.#written = lease;
    return { kind: 'held', sentAt } as const;
  }

  #hold(sentAt: Instant, { onElected }: LeaderCallbacks): void {
    const first = this.#state.kind === 'Standby';
    // Too late to be of use: renewed by the next attempt.
    if (first && this.#remainingMs(sentAt) <= 0) return;
    this.#state = { kind: 'Leading', renewed: sentAt };
    if (!first) return;
    const { log, metrics, name } = this.#options;
    metrics.leader.set({ name }, 1);
    log.info({ lease: name, identity: this.identity }, 'became leader');
    onElected();
  }

  #lose(why: string, { onLost }: LeaderCallbacks): void {
    this.#state = { kind: 'Lost' };
    const { log, metrics, name } = this.#options;
    metrics.leader.set({ name }, 0);
    log.error({ lease: name, identity: this.identity, why }, 'lost leadership');
    onLost(why);
  }

  async #release(allowed: boolean): Promise<void> {
    const { client, log, metrics, name } = this.#options;
    const leading = this.isLeader();
    // Before the request: nothing may be written any more once it is under way.
    this.#state = { kind: 'Released' };
    metrics.leader.set({ name }, 0);
    const lease = this.#written;
    if (!allowed || !leading || lease === undefined) return;
    const spec = releasedSpec(lease.spec, this.#clock.now());
    try {
      await client.replace(leases, { ...lease, spec }, { timeoutMs: this.#renewDeadlineMs / 2, retries: 0 });
      log.info({ lease: name, identity: this.identity }, 'released leadership');
    } catch (error) {
      // It runs out by itself; a conflict means that somebody has it already.
      if (!isConflict(error)) log.warn({ lease: name, err: error }, 'lease not released, will run out');
    }
  }

  #isLost(): boolean {
    return this.#state.kind === 'Lost';
  }

  #instant(): Instant {
    return { monotonic: this.#clock.monotonic(), wall: this.#clock.now() };
  }

  #remainingMs(renewed: Instant): number {
    const elapsed = Math.max(this.#clock.monotonic() - renewed.monotonic, this.#clock.now() - renewed.wall);
    return this.#renewDeadlineMs - elapsed;
  }
}

interface CallLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly retries: number;
}

const leaseObject = (
  metadata: { readonly name: string; readonly namespace: string },
  spec: LeaseSpec,
): Lease => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
