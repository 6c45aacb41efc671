import type { SessionState } from '@whatsapp-operator/api/session';
import type { Deadlines } from './deadlines.ts';
import type { Account } from './engine.ts';
import type { Fault } from './faults.ts';
import { firstLine } from './faults.ts';
import { Life } from './life.ts';
import type { MachineEvent } from './machine.ts';
import type { EngineLog, EngineOptions } from './options.ts';
import { findBrowserGroups, killGroup } from './process-tree.ts';
import { Profile } from './profile.ts';
import type { WorkerEvent } from './protocol.ts';
import {
  afterStability,
  emptyBook,
  outagePatience,
  planRecovery,
  type RecoveryBook,
  type RecoveryKind,
} from './recovery.ts';
import { viewOf } from './stage.ts';
import { type Decision, decide, type Stage } from './supervisor.ts';

export interface LifeCycleParts {
  readonly options: EngineOptions;
  readonly limits: Deadlines;
  readonly log: EngineLog;
  /** The supervisor's clock. */
  readonly clock: () => number;
  readonly random: () => number;
  readonly move: (event: MachineEvent) => void;
  readonly told: (event: WorkerEvent) => void;
  readonly state: () => SessionState;
}

/**
 * Carries out what the supervisor decides: begins lives of the browser, ends them, and keeps the book about it.
 * At most one life exists at any time, and the next begins only when every process of the last is gone.
 */
export class LifeCycle {
  readonly #parts: LifeCycleParts;
  readonly #profile: Profile;
  #life: Life | undefined;
  #book: RecoveryBook = emptyBook;
  #nextLifeAt = 0;
  #account: Account | undefined;
  #durable = false;
  #live = true;
  /** The stage that the state was last moved by. */
  #followed: Stage = 'launching';
  #codeAskedAt = Number.NEGATIVE_INFINITY;
  /** What is being done to lives, one after the other. */
  #work: Promise<void> = Promise.resolve();
  /** While something is being done, nothing is decided. */
  #busy = 1;
  #stopped = false;

  constructor(parts: LifeCycleParts) {
    this.#parts = parts;
    this.#profile = new Profile(parts.options.dataFolder);
  }

  get life(): Life | undefined {
    return this.#life;
  }

  get account(): Account | undefined {
    return this.#account;
  }

  /** The registration has certainly reached the disk. */
  get durable(): boolean {
    return this.#durable;
  }

  /** False once recovery in this process has used up its budget. */
  get live(): boolean {
    return this.#live;
  }

  /** Reads who is linked; to be called once, before anything is decided. */
  async load(): Promise<void> {
    this.#account = await this.#profile.account();
    this.#durable = this.#account !== undefined;
    this.#busy -= 1;
  }

  /** Decides, and does it. */
  step(): void {
    const state = this.#parts.state();
    if (this.#busy > 0 || state === 'Failed' || state === 'Stopped') return;
    const life = this.#life?.record;
    const { limits, clock } = this.#parts;
    this.#act(
      decide(
        { life, nextLifeAt: this.#nextLifeAt, outagePatience: outagePatience(this.#book, limits) },
        clock(),
        limits,
      ),
    );
  }

  /** Has been connected for a while: pauses begin small again. */
  stable(): void {
    this.#book = afterStability(this.#book);
    this.#live = true;
  }

  /** Asks for a pairing code where none is shown; again after a while when that was in vain. */
  ensureCode(phoneNumber: string): void {
    const { clock, limits } = this.#parts;
    const life = this.#life;
    if (life === undefined || life.record.stage !== 'unlinked' || this.#busy > 0) return;
    if (clock() - this.#codeAskedAt < 2 * limits.callMs || life.record.hasCode) return;
    this.#codeAskedAt = clock();
    life.call('requestPairingCode', { phoneNumber }, limits.callMs).answer.catch((error: unknown) => {
      this.#parts.log.warn({ error: firstLine(String(error)) }, 'no pairing code could be had');
    });
  }

  async restart(detail: string): Promise<void> {
    const { move, limits, clock } = this.#parts;
    move({ kind: 'begin', reason: 'requested', detail });
    await this.#exclusive(async () => {
      this.#book = emptyBook;
      this.#live = true;
      await this.#closeLife(limits.closeMs);
      this.#nextLifeAt = clock();
    });
  }

  /** Unlinks at WhatsApp as far as that can be reached, and wipes. */
  async logOut(): Promise<void> {
    const { limits, log } = this.#parts;
    await this.#exclusive(async () => {
      await this.#life?.call('logOut', null, limits.callMs).answer.catch((error: unknown) => {
        log.warn({ error: firstLine(String(error)) }, 'the device could not be unlinked at WhatsApp');
      });
      await this.#wipe('requested', 'unlinked through the API');
    });
  }

  /** Closes the browser cleanly, for good. */
  async end(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    await this.#exclusive(() => this.#closeLife(deadlineMs));
  }

  #act(decision: Decision): void {
    const life = this.#life;
    switch (decision.do) {
      case 'wait':
        return;
      case 'begin-life':
        void this.#exclusive(() => this.#begin());
        return;
      case 'end-life':
        void this.#exclusive(() => this.#end(decision.fault));
        return;
      case 'probe':
        void life?.probe();
        return;
      case 'round-trip':
        void life?.roundTrip();
        return;
      case 'rescue-ready':
        this.#parts.log.warn({}, 'synced, and the library did not notice: telling it again');
        void life?.rescueReady();
        return;
      case 'reconnect':
        this.#parts.move({ kind: 'lost', reason: 'socket_silent', detail: decision.detail });
        void life?.reconnect();
        return;
      case 'refresh-pairing':
        void life?.refreshPairing();
        return;
    }
  }

  async #begin(): Promise<void> {
    const { options, limits, clock, move } = this.#parts;
    try {
      if (this.#stopped) return;
      if (!(await this.#profile.hasRoom())) throw new Error('ENOSPC: the volume is full');
      for (const group of await findBrowserGroups(this.#profile.folder)) {
        this.#parts.log.warn({ group }, 'killing a browser that an earlier process left');
        if (!(await killGroup(group, limits.killMs))) throw new Error(`browser ${group} cannot be ended`);
      }
      await this.#profile.prepare();
      move({ kind: 'life', detail: 'a browser is being started' });
      this.#codeAskedAt = Number.NEGATIVE_INFINITY;
      const life: Life = new Life({
        options,
        profile: this.#profile,
        limits,
        clock,
        changed: (event) => this.#changed(life, event),
      });
      this.#life = life;
    } catch (error) {
      await this.#recover({ reason: 'storage_error', detail: firstLine(String(error)) }, 'gentle');
    }
  }

  /** Something became known of a life. */
  #changed(life: Life, event: WorkerEvent | undefined): void {
    if (life !== this.#life) return;
    const { record } = life;
    if (event?.kind === 'page-error') this.#parts.log.debug({ error: record.pageError }, 'the page threw');
    if (record.fault === undefined) this.#follow(life);
    if (event !== undefined) this.#parts.told(event);
    this.step();
  }

  /** Moves the session's state to what the page shows. */
  #follow({ record }: Life): void {
    const { move } = this.#parts;
    if (record.stage === 'ready') this.#linked(record);
    const view = viewOf(record.stage, {
      silent: record.silentSince !== undefined,
      durable: this.#durable,
      hadAccount: this.#account !== undefined,
    });
    move({ kind: 'page', view, detail: `the page is ${record.facts?.socket ?? record.stage}` });
    if (view === 'unlinked-again') void this.#forget();
    if (record.stage === 'idle' && this.#followed !== 'idle') {
      move({ kind: 'pairing-expired', detail: 'the codes to link with ran out' });
    }
    this.#followed = record.stage;
  }

  #linked({ account, linkedHere }: Life['record']): void {
    if (account !== undefined && this.#account?.id !== `${account.user}@c.us`) {
      this.#account = { id: `${account.user}@c.us`, name: account.name, platform: account.platform };
    }
    // Loaded from the disk by this very life, so it is there.
    if (linkedHere || this.#durable || this.#account === undefined) return;
    this.#durable = true;
    this.#profile.keepAccount(this.#account).catch((error: unknown) => {
      this.#parts.log.error({ error: firstLine(String(error)) }, 'the account could not be written down');
    });
  }

  async #forget(): Promise<void> {
    this.#account = undefined;
    this.#durable = false;
    await this.#profile.forgetAccount().catch(() => undefined);
  }

  async #end(fault: Fault): Promise<void> {
    const { move, clock, limits } = this.#parts;
    switch (fault.next) {
      case 'settle':
        await this.#closeLife(limits.settleCloseMs);
        this.#nextLifeAt = clock();
        return;
      case 'log-out':
        await this.#wipe('logged_out', fault.detail);
        return;
      case 'fail':
        move({ kind: 'refused', reason: fault.reason, detail: fault.detail });
        await this.#killLife();
        return;
      default:
        await this.#recover(fault, fault.next);
    }
  }

  async #recover(fault: Pick<Fault, 'reason' | 'detail'>, kind: RecoveryKind): Promise<void> {
    const { move, limits, clock, random } = this.#parts;
    const full = !(await this.#profile.hasRoom().catch(() => false));
    if (full) move({ kind: 'lost', reason: 'storage_error', detail: `the volume is full; ${fault.detail}` });
    else move({ kind: 'lost', ...fault });
    // A page that is well closes cleanly; one that is not is not asked.
    if (kind === 'counted') await this.#killLife();
    else await this.#closeLife(limits.closeMs);
    const plan = planRecovery(this.#book, full ? 'gentle' : kind, clock(), random(), limits);
    this.#book = plan.book;
    this.#nextLifeAt = plan.at;
    if (plan.exhausted) {
      this.#live = false;
      const detail = `${limits.recoveryLimit} recoveries within ${limits.recoveryWindowMs} ms`;
      move({ kind: 'lost', reason: 'recovery_exhausted', detail });
    }
  }

  async #wipe(reason: 'logged_out' | 'requested', detail: string): Promise<void> {
    const { move, limits, clock, random } = this.#parts;
    move({ kind: 'logged-out', reason, detail });
    await this.#killLife();
    await this.#forget();
    await this.#profile.wipe();
    const plan = planRecovery(this.#book, 'gentle', clock(), random(), limits);
    this.#book = plan.book;
    this.#nextLifeAt = reason === 'requested' ? clock() : plan.at;
  }

  async #closeLife(withinMs: number): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    await life?.close(withinMs);
  }

  async #killLife(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    await life?.kill();
  }

  #exclusive(work: () => Promise<void>): Promise<void> {
    this.#busy += 1;
    const done = this.#work.then(work).finally(() => {
      this.#busy -= 1;
    });
    this.#work = done.catch((error: unknown) => {
      this.#parts.log.error({ error: String(error) }, 'the engine could not do what it decided');
    });
    return this.#work;
  }
}
