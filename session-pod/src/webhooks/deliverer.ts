import { randomUUID } from 'node:crypto';
import { isWanted } from '@whatsapp-operator/api/session';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import type { EventLog } from '../inbox/event-log.ts';
import type { StoredEvent } from '../inbox/index.ts';
import type { Counters } from '../store/counters.ts';
import type { Database } from '../store/database.ts';
import type { Endpoint, FailedEvent } from './endpoint.ts';
import { type AttemptResult, judge, outcomeOf } from './judge.ts';
import { type Lane, Lanes, next } from './lanes.ts';
import { ReceiverWatch } from './receiver.ts';
import { envelope, eventUid, headersFor } from './request.ts';
import type { WebhookRows } from './rows.ts';
import type { WebhookSettings } from './settings.ts';

/** Whoever makes the request; never throws. */
export interface Poster {
  post(
    url: string,
    body: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<AttemptResult>;
}

export interface DelivererOptions {
  readonly endpoint: Endpoint;
  readonly rows: WebhookRows;
  readonly database: Database;
  readonly counters: Counters;
  readonly log: EventLog;
  readonly courier: Poster;
  readonly session: string;
  readonly settings: WebhookSettings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'debug'>;
  /** The receiver said that nothing is to be sent there any more. */
  readonly onGone: (endpoint: Endpoint) => void;
  readonly onFatal: (error: unknown) => void;
}

/** Events that are looked at in one go. */
const SCAN = 1000;
/** Events that may wait in memory, as numbers. */
const WINDOW = 200_000;
const STORAGE_PAUSE_MS = 5000;

/**
 * Delivers to one webhook.
 *
 * Guarantees: at least once; in order within a chat, because its next event waits until the one before was answered
 * with 2xx or given up; the cursor on disk is never ahead of that. Chats do not wait for each other. While the
 * receiver is down one event at a time is tried, so that an outage uses up nobody's attempts.
 */
export class Deliverer {
  readonly endpoint: Endpoint;
  readonly #options: DelivererOptions;
  readonly #lanes: Lanes;
  readonly #receiver: ReceiverWatch;
  readonly #cursors: Map<string, number>;
  readonly #ending = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  #stopped = false;
  /** Its rows are gone: nothing is written any more. */
  #abandoned = false;
  #cancelTimer: (() => void) | undefined;
  #scanning = false;
  #attempts = 0;

  constructor(options: DelivererOptions) {
    const { endpoint, rows } = options;
    this.endpoint = endpoint;
    this.#options = options;
    this.#lanes = new Lanes(endpoint.deliveredTo);
    this.#receiver = new ReceiverWatch(options.settings);
    this.#cursors = new Map(rows.cursors(endpoint.id));
    for (const failed of rows.failed(endpoint.id, 'retrying')) this.#lanes.resume(failed);
    for (const { chat, event } of rows.failed(endpoint.id, 'redriving')) this.#lanes.addRedrive(chat, event);
  }

  get pending(): number {
    return this.#lanes.pending + Math.max(0, this.#options.log.bounds.last - this.#lanes.scanned);
  }

  get failing(): number {
    return this.#lanes.failing;
  }

  /** Everything up to here is done. */
  get doneTo(): number {
    return this.#lanes.doneTo();
  }

  /** There may be something to do. */
  readonly run = (): void => {
    if (this.#ending.signal.aborted) return;
    try {
      this.#scan();
      this.#dispatch();
    } catch (error) {
      this.#options.onFatal(error);
    }
  };

  /** Dead letters were turned into ones that are sent again. */
  redrive(): void {
    const { rows } = this.#options;
    for (const { chat, event } of rows.failed(this.endpoint.id, 'redriving')) {
      this.#lanes.addRedrive(chat, event);
    }
    this.run();
  }

  /** Brings the position to disk, so that the next start looks at less. */
  savePosition(): void {
    if (this.#abandoned) return;
    const { database, rows } = this.#options;
    const { doneTo } = this;
    database.transaction(() => rows.moveTo(this.endpoint.id, doneTo));
    for (const [chat, event] of this.#cursors) if (event <= doneTo) this.#cursors.delete(chat);
  }

  /** The webhook is no more. */
  abandon(): void {
    this.#abandoned = true;
    this.#ending.abort();
  }

  /** Begins nothing new; what is under way may end within the time, then it is given up without an outcome. */
  async stop(graceMs: number): Promise<void> {
    this.#cancelTimer?.();
    const begun = [...this.#inFlight];
    this.#stopped = true;
    const cancel = this.#options.clock.after(graceMs, () => this.#ending.abort());
    await Promise.all(begun);
    cancel();
    this.#ending.abort();
  }

  /** Puts what is new into the lanes. */
  #scan(): void {
    if (this.#scanning) return;
    const { log } = this.#options;
    const found = this.#lanes.pending < WINDOW ? log.outline(this.#lanes.scanned, SCAN) : [];
    for (const { id, type, chat = '' } of found) {
      this.#lanes.scanned = id;
      if (isWanted(type, this.endpoint.events) && id > (this.#cursors.get(chat) ?? 0)) {
        this.#lanes.add(chat, id);
      }
    }
    if (found.length < SCAN) return;
    // A long log is looked at piece by piece.
    this.#scanning = true;
    setImmediate(() => {
      this.#scanning = false;
      this.run();
    });
  }

  #dispatch(): void {
    const now = this.#options.clock.now();
    const { pausedUntil, places } = this.#receiver;
    while (!this.#stopped && now >= pausedUntil && this.#inFlight.size < places) {
      const lane = this.#lanes.take(now);
      if (lane === undefined) break;
      const attempt = this.#attempt(lane).finally(() => {
        this.#inFlight.delete(attempt);
        this.run();
      });
      this.#inFlight.add(attempt);
    }
    this.#sleep(now);
  }

  #sleep(now: number): void {
    this.#cancelTimer?.();
    const due = this.#lanes.nextAt();
    if (due === undefined || this.#stopped) return;
    const at = Math.max(due, this.#receiver.pausedUntil);
    // What is due and has no place goes when one is free.
    if (at > now) this.#cancelTimer = this.#options.clock.after(at - now, this.run);
  }

  async #attempt(lane: Lane): Promise<void> {
    const { log, courier, clock, settings, random, session } = this.#options;
    const id = next(lane);
    const event = id === undefined ? undefined : log.get(id);
    if (id === undefined || event === undefined) {
      // Pruned: a gap event says so.
      if (id !== undefined) this.#lanes.done(lane, id);
      return;
    }
    const before = lane.failing?.event === id ? lane.failing : undefined;
    const began = clock.now();
    const { secrets, url, events: wanted } = this.endpoint;
    const body = envelope(event, { session, logId: log.logId, wanted });
    const headers = headersFor(body, {
      secrets,
      requestId: randomUUID(),
      eventId: eventUid(log.logId, id),
      attempt: (before?.attempts ?? 0) + 1,
      now: began,
    });
    const result = await courier.post(url, body, headers, this.#ending.signal);
    if (this.#abandoned || (this.#ending.signal.aborted && outcomeOf(result) !== 'delivered')) return;
    const now = clock.now();
    const verdict = judge(result, before, now, random(), settings);
    this.#noteReceiver(lane.chat, result, now);
    try {
      this.#settle(lane, event, result, verdict, now - began);
    } catch (error) {
      this.#unwritten(lane, event, error);
    }
  }

  #noteReceiver(chat: string, result: AttemptResult, now: number): void {
    const { random, logger } = this.#options;
    const { id } = this.endpoint;
    switch (this.#receiver.note(chat, result, now, random())) {
      case 'down':
        logger.warn({ webhook: id }, 'webhook does not answer: one event at a time is tried');
        return;
      case 'back':
        logger.info({ webhook: id }, 'webhook answers again');
        this.#lanes.receiverIsBack();
        return;
      case 'nothing':
        return;
    }
  }

  /** Writes what an attempt came to, and goes on from there. */
  #settle(
    lane: Lane,
    event: StoredEvent,
    result: AttemptResult,
    verdict: ReturnType<typeof judge>,
    tookMs: number,
  ): void {
    const { database, rows, counters, clock, logger } = this.#options;
    const { id } = this.endpoint;
    const chat = event.chat ?? '';
    const now = clock.now();
    const outcome = outcomeOf(result);
    const detail = result.kind === 'answered' ? `answered ${result.status}` : result.detail;
    const isRedrive = lane.queue[0] !== event.id;
    const failed = (state: FailedEvent['state'], nextAt: number): FailedEvent | undefined =>
      'failing' in verdict ? { ...verdict.failing, event: event.id, chat, state, nextAt, detail } : undefined;
    const retrying =
      verdict.kind === 'retry' ? failed(isRedrive ? 'redriving' : 'retrying', verdict.nextAt) : undefined;
    const dead = verdict.kind === 'dead' ? failed('dead', 0) : undefined;
    const isDone = verdict.kind === 'delivered' || verdict.kind === 'dead';
    database.transaction(() => {
      counters.increment('webhookDeliveries', { outcome });
      rows.addAttempt(id, {
        event: event.id,
        at: now,
        outcome,
        status: result.kind === 'answered' ? result.status : undefined,
        tookMs,
        detail,
      });
      if (retrying !== undefined) rows.putFailed(id, retrying);
      if (dead !== undefined) {
        rows.putFailed(id, dead);
        counters.increment('webhookDeadLetters', {});
      }
      if (verdict.kind === 'delivered') {
        rows.clearFailed(id, event.id);
        counters.observe('webhookSeconds', {}, Math.max(0, now - event.at) / 1000);
      }
      if (isDone && !isRedrive) rows.moveCursor(id, chat, event.id);
      this.#attempts += 1;
      if (this.#attempts % 100 === 0) rows.trimAttempts(id, this.#options.settings.keptAttempts);
    });
    if (isDone) {
      if (!isRedrive) this.#cursors.set(chat, event.id);
      if (dead !== undefined) logger.warn({ webhook: id, event: event.id, detail }, 'event given up');
      this.#lanes.done(lane, event.id);
    } else if (retrying !== undefined) {
      this.#lanes.delay(lane, retrying, outcome !== 'rejected');
    } else {
      this.#lanes.release(lane);
      this.#stopped = true;
      this.#options.onGone(this.endpoint);
    }
  }

  /** What could not be written has not happened: the event is sent again, which the receiver tells by its id. */
  #unwritten(lane: Lane, event: StoredEvent, error: unknown): void {
    const { clock, onFatal, logger } = this.#options;
    if (!(error instanceof Failure) || error.class !== 'retry') {
      onFatal(error);
      return;
    }
    const now = clock.now();
    logger.warn({ err: error, webhook: this.endpoint.id }, 'a delivery could not be written down');
    this.#receiver.pause(now + STORAGE_PAUSE_MS);
    this.#lanes.delay(
      lane,
      {
        event: event.id,
        chat: event.chat ?? '',
        state: 'retrying',
        refusals: 0,
        attempts: 0,
        firstAt: now,
        nextAt: now + STORAGE_PAUSE_MS,
        detail: 'the volume could not be written',
      },
      false,
    );
  }
}
