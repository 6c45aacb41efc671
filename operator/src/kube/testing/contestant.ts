import type { KubeClient } from '../client.ts';
import { type CancelTimer, type Clock, sleep } from '../clock.ts';
import { ApiError } from '../errors.ts';
import { LeaderElector } from '../leader.ts';
import { silentLogger } from '../logger.ts';
import { testMetrics } from './objects.ts';

/** The clock of a process that can be stopped: its timers do not fire while it is, time passes all the same. */
export class ProcessClock implements Clock {
  readonly #world: Clock;
  readonly #wallSkew: number;
  #paused = false;
  #late: (() => void)[] = [];

  constructor(world: Clock, wallSkew: number) {
    this.#world = world;
    this.#wallSkew = wallSkew;
  }

  now(): number {
    return this.#world.now() + this.#wallSkew;
  }

  monotonic(): number {
    return this.#world.monotonic();
  }

  startTimer(ms: number, fire: () => void): CancelTimer {
    let live = true;
    const cancelWorld = this.#world.startTimer(ms, () => {
      void this.whenRunning(() => live && fire());
    });
    return () => {
      live = false;
      cancelWorld();
    };
  }

  whenRunning(go: () => void): void {
    if (this.#paused) this.#late.push(go);
    else go();
  }

  /** What a stopped process was about to do happens in the order in which it became due. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (paused) return;
    const late = this.#late;
    this.#late = [];
    for (const go of late) go();
  }
}

/** How the network treats the next call of a contestant. */
export interface Weather {
  /** On the way to the API server. */
  readonly delayMs: number;
  /** On the way back. */
  readonly answerMs: number;
  /** The answer is lost; a write took effect. */
  readonly answerLost: boolean;
}

/** One process that wants to lead. When it loses it is started anew, with another identity, as kubelet would do. */
export class Contestant {
  readonly clock: ProcessClock;
  readonly #world: Clock;
  readonly #client: KubeClient;
  readonly #weather: () => Weather;
  #elector: LeaderElector;
  #generation = 0;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #restarting: Promise<void> | undefined;
  readonly #name: string;

  constructor(name: string, world: Clock, client: KubeClient, wallSkew: number, weather: () => Weather) {
    this.#name = name;
    this.#world = world;
    this.clock = new ProcessClock(world, wallSkew);
    this.#client = client;
    this.#weather = weather;
    this.#elector = this.#start();
  }

  isLeader(): boolean {
    return this.#elector.isLeader();
  }

  /** Ends in order, and releases the lease if it has it; then starts anew. */
  restart(): Promise<void> {
    this.#restarting ??= this.end().then(() => {
      this.#restarting = undefined;
      this.#elector = this.#start();
    });
    return this.#restarting;
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #start(): LeaderElector {
    this.#generation += 1;
    const stop = new AbortController();
    this.#stop = stop;
    const elector = new LeaderElector({
      client: this.#throughWeather(),
      namespace: 'default',
      name: 'leader',
      identity: `${this.#name}-${this.#generation}`,
      log: silentLogger,
      metrics: testMetrics().metrics,
      clock: this.clock,
      random: () => 0.5,
    });
    this.#running = elector.run(this.#stop.signal, {
      onElected: () => {},
      onLost: () => {
        this.clock.startTimer(1000, () => {
          if (!stop.signal.aborted) this.#elector = this.#start();
        });
      },
    });
    return elector;
  }

  #throughWeather(): KubeClient {
    const call = <R>(perform: () => Promise<R>, timeoutMs = 30_000, signal?: AbortSignal): Promise<R> => {
      const { delayMs, answerMs, answerLost } = this.#weather();
      const outcome = sleep(this.#world, delayMs)
        .then(perform)
        .then(async (result) => {
          await sleep(this.#world, answerMs);
          if (answerLost)
            throw new ApiError({ attempted: 'call', code: 'connection', message: 'answer lost' });
          return result;
        });
      return new Promise((resolve, reject) => {
        const fail = (code: 'timeout' | 'aborted') => reject(new ApiError({ attempted: 'call', code }));
        const cancel = this.clock.startTimer(timeoutMs, () => fail('timeout'));
        signal?.addEventListener('abort', () => fail('aborted'), { once: true });
        outcome
          .then(
            (result) => this.clock.whenRunning(() => resolve(result)),
            (error: unknown) => this.clock.whenRunning(() => reject(error)),
          )
          .finally(cancel);
      });
    };
    const client = this.#client;
    return {
      ...client,
      get: (resource, ref, options) =>
        call(() => client.get(resource, ref), options?.timeoutMs, options?.signal),
      create: (resource, object, options) =>
        call(() => client.create(resource, object), options?.timeoutMs, options?.signal),
      replace: (resource, object, options) =>
        call(() => client.replace(resource, object), options?.timeoutMs, options?.signal),
    };
  }
}
