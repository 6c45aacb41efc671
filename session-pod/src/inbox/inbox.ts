import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Transition } from '@whatsapp-operator/api/session';
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { InboundHint } from '../engine/inbound.ts';
import { Failure } from '../failure.ts';
import type { Store } from '../store/store.ts';
import type { EventQuery, EventSlice, Inbox, InboxStats } from './contract.ts';
import type { StoredEvent } from './event.ts';
import { EventLog } from './event-log.ts';
import { Janitor } from './janitor.ts';
import { KnownMessages } from './known-messages.ts';
import { Readers } from './readers.ts';
import { Reconciler } from './reconciler.ts';
import { Recorder } from './recorder.ts';
import type { InboxSettings } from './settings.ts';

export interface InboxOptions {
  readonly store: Store;
  readonly engine: Engine;
  readonly settings: InboxSettings;
  /** Whether a message was sent through the API, by its full id. */
  readonly isOurs: (messageId: string) => boolean;
  readonly log: Logger;
  /** Called with an error after which the process should end: everything that was written is on disk. */
  readonly onFatal: (error: unknown) => void;
  readonly clock?: Clock;
}

/** A file of this name in the data folder says that the folder was restored from a copy. */
const RESTORED_MARK = 'restored';
/** Below this part of the reserve nothing that comes in is written, so that the outbox can finish its work. */
const INBOX_SHARE = 0.5;
const RETRY_MS = 1000;
/** Transitions and calls that wait for the disk at most; history does not have them. */
const MAX_WAITING = 1000;

/** Opens the inbox of a data folder. To be called before whoever removes the mark of a restored folder. */
export class DurableInbox implements Inbox {
  readonly events: EventLog;
  readonly #options: InboxOptions;
  readonly #clock: Clock;
  readonly #known: KnownMessages;
  readonly #recorder: Recorder;
  readonly #reconciler: Reconciler;
  readonly #readers: Readers;
  /** What could not be written yet, in order. */
  readonly #waiting: (() => void)[] = [];
  readonly #unsubscribe: (() => void)[] = [];
  #janitor: Janitor | undefined;

  constructor(options: InboxOptions) {
    const { store, engine, settings, log, isOurs, onFatal, clock = systemClock } = options;
    const { database, counters } = store;
    this.#options = options;
    this.#clock = clock;
    if (existsSync(join(store.folder, RESTORED_MARK))) EventLog.rename(database);
    this.events = new EventLog(database, counters, () => clock.now());
    this.#known = new KnownMessages(database);
    this.#readers = new Readers(clock);
    this.#recorder = new Recorder({
      log: this.events,
      known: this.#known,
      isOurs,
      me: () => engine.snapshot.account?.id,
      now: () => clock.now(),
    });
    this.#reconciler = new Reconciler({
      engine,
      recorder: this.#recorder,
      known: this.#known,
      settings,
      hasRoom: () => store.reserve.free() > store.reserve.reserveBytes * INBOX_SHARE,
      clock,
      log,
      onFatal,
    });
    this.events.onCommit(() => this.#readers.notify());
    // From here on, so that the first transitions are in the log.
    this.#unsubscribe.push(engine.on({ transition: (transition) => this.#transition(transition) }));
  }

  get bounds() {
    return this.events.bounds;
  }

  get logId(): string {
    return this.events.logId;
  }

  get readers(): number {
    return this.#readers.size;
  }

  start(
    needs: { readonly doneWith: () => number | undefined; readonly pruned: (upTo: number) => void } = {
      doneWith: () => undefined,
      pruned: () => undefined,
    },
  ): void {
    const { engine, store, settings, log } = this.#options;
    this.#unsubscribe.push(
      engine.on({ message: this.#reconciler.message, ack: this.#reconciler.ack }),
      engine.inbound.onHint((hint) => this.#hint(hint)),
    );
    this.#janitor = new Janitor({
      log: this.events,
      known: this.#known,
      counters: store.counters,
      settings,
      ...needs,
      clock: this.#clock,
      logger: log,
    });
    this.#janitor.start();
    if (engine.snapshot.state === 'Connected') this.#reconciler.connected();
  }

  async stop(): Promise<void> {
    this.#janitor?.stop();
    await this.#reconciler.end();
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#readers.close();
  }

  release(): void {
    this.#readers.close();
  }

  get(id: number): StoredEvent | undefined {
    return this.events.get(id);
  }

  read({ after, limit, types }: EventQuery): EventSlice {
    const { first, last } = this.events.bounds;
    const events = this.events.read(after, limit, types);
    const end = events.length < limit ? last : (events.at(-1)?.id ?? last);
    return {
      events,
      next: Math.max(after, end),
      gap: after + 1 < first ? { first: after + 1, last: first - 1 } : undefined,
    };
  }

  async wait(after: number, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.events.bounds.last > after) return true;
    return await this.#readers.wait(timeoutMs, signal);
  }

  stats(): InboxStats {
    const { bounds } = this.events;
    return {
      ...bounds,
      oldestAt: this.events.writtenAt(bounds.first),
      backlog: this.#reconciler.backlog,
      writing: this.#reconciler.hasRoom,
      settledAt: this.#known.horizon.settledAt,
    };
  }

  #hint(hint: InboundHint): void {
    switch (hint.kind) {
      case 'changed':
        this.#reconciler.changed(hint);
        return;
      case 'call':
        this.#write(() => this.#recorder.call(hint.call));
        return;
    }
  }

  #transition(transition: Transition): void {
    this.#write(() => this.#recorder.transition(transition));
    if (transition.to === 'Connected' && this.#janitor !== undefined) this.#reconciler.connected();
  }

  /** Writes what nobody can be asked for again: in order, and as soon as the disk takes it. */
  #write(write: () => void): void {
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
    this.#waiting.push(write);
    if (this.#waiting.length === 1) this.#flush();
  }

  #flush(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        next();
        this.#waiting.shift();
      } catch (error) {
        if (!(error instanceof Failure) || error.class !== 'retry') {
          this.#options.onFatal(error);
          return;
        }
        this.#clock.after(RETRY_MS, () => this.#flush());
        return;
      }
    }
  }
}
