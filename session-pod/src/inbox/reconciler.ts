import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Ack, Engine, HistoryMessage } from '../engine/engine.ts';
import type { InboundHint, MessageSnapshot } from '../engine/inbound.ts';
import { Agenda, type Task } from './agenda.ts';
import type { KnownMessages } from './known-messages.ts';
import { FIRST_PAGE, overlap } from './overlap.ts';
import type { Recorder } from './recorder.ts';
import type { InboxSettings } from './settings.ts';

export interface ReconcilerOptions {
  readonly engine: Pick<Engine, 'inbound' | 'snapshot'>;
  readonly recorder: Recorder;
  readonly known: KnownMessages;
  readonly settings: InboxSettings;
  /** False while the rest of the volume is for what the outbox has to write. */
  readonly hasRoom: () => boolean;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>;
  /** Called with what trying again does not mend. */
  readonly onFatal: (error: unknown) => void;
}

const RETRY_MS = 1000;
/** A clock that is ahead by less than this loses no message that is told of right after linking. */
const TOLD_GRACE_MS = 3_600_000;
/** Failures in a row until somebody should know; each is a second. */
const WARN_AFTER = 30;
/** Messages looked at again in one question to the page. */
const INSPECT_BATCH = 50;
/** Chats with a message so shortly before the last time that all was in order are read in any case. Milliseconds. */
const UNSURE_MS = 600_000;

/**
 * Brings the log up to what the page has. Hints only say where to look: a chat is read back from its newest message
 * until it overlaps with what is known, then written in order. After every start all chats are compared, and from
 * then on periodically, so a lost hint costs time and no message.
 *
 * One question to the page at a time. What fails is tried again; nothing depends on a hint that was in memory.
 */
export class Reconciler {
  /** False while nothing is written because the volume is nearly full. */
  hasRoom = true;
  readonly #options: ReconcilerOptions;
  readonly #agenda = new Agenda();
  #lookBack: string[] = [];
  #passDue = false;
  /** Every chat counts as unsure until the first comparison of this connection. */
  #fresh = true;
  #accountKnown = false;
  #running: Promise<void> | undefined;
  #pausedUntil = 0;
  #failures = 0;
  #ended = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Chats that wait to be read. */
  get backlog(): number {
    return this.#agenda.size;
  }

  readonly message = (message: HistoryMessage): void => {
    this.#agenda.told(message);
    this.#wake();
  };

  readonly ack = (messageId: string, ack: Ack): void => {
    const chatId = messageId.split('_')[1];
    if (chatId === undefined || ack < 1) return;
    this.#agenda.acked(chatId, messageId, ack);
    this.#wake();
  };

  readonly changed = ({ chatId, messageId }: Extract<InboundHint, { kind: 'changed' }>): void => {
    this.#agenda.changed(chatId, messageId);
    this.#wake();
  };

  /** The session is connected: everything may have happened since it last was. */
  connected(): void {
    this.#fresh = true;
    this.#passDue = true;
    this.#accountKnown = false;
    this.#schedule();
    this.#wake();
  }

  /** Nothing is begun any more; resolves when the question under way has ended. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#cancelTimer?.();
    await this.#running;
  }

  #schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(this.#options.settings.reconcileIntervalMs, () => {
      this.#passDue = true;
      this.#schedule();
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#running !== undefined || !this.#mayRun()) return;
    // Later, so that hints that come together are answered together.
    this.#running = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#work())
      .finally(() => {
        this.#running = undefined;
      });
  }

  #mayRun(): boolean {
    const { engine, clock } = this.#options;
    return !this.#ended && engine.snapshot.state === 'Connected' && clock.now() >= this.#pausedUntil;
  }

  async #work(): Promise<void> {
    try {
      while (this.#mayRun() && this.#findsRoom() && (await this.#step())) this.#failures = 0;
    } catch (error) {
      this.#failed(error);
    }
  }

  /** One thing; false when there is nothing to do. */
  async #step(): Promise<boolean> {
    const { recorder, engine, settings, clock } = this.#options;
    if (!this.#accountKnown) {
      const accountId = engine.snapshot.account?.id;
      if (accountId === undefined) return false;
      recorder.account(accountId, settings.historyMs);
      this.#accountKnown = true;
    }
    if (this.#passDue) {
      await this.#compare();
      return true;
    }
    const task = this.#agenda.take();
    if (task !== undefined) {
      await this.#serve(task);
      if (this.#agenda.size === 0 && this.#lookBack.length === 0) recorder.settled(clock.now());
      return true;
    }
    if (this.#lookBack.length === 0) return false;
    await this.#inspectSome();
    if (this.#agenda.size === 0 && this.#lookBack.length === 0) recorder.settled(clock.now());
    return true;
  }

  /** Finds the chats whose newest message is not in the log. */
  async #compare(): Promise<void> {
    const { engine, known, settings, recorder, clock, log } = this.#options;
    const began = clock.now();
    const heads = await engine.inbound.newest();
    const { floor = 0, settledAt } = known.horizon;
    const ids = heads.flatMap(({ messageId }) => (messageId === undefined ? [] : [messageId]));
    const there = known.among(ids);
    const unsureSince = this.#fresh ? (settledAt ?? 0) - UNSURE_MS : Number.POSITIVE_INFINITY;
    const due = heads.filter(
      ({ messageId, timestamp }) =>
        timestamp >= floor &&
        (messageId === undefined ? this.#fresh : !there.has(messageId) || timestamp >= unsureSince),
    );
    // The oldest first: about as they came.
    for (const { chatId } of [...due].sort((a, b) => a.timestamp - b.timestamp)) this.#agenda.read(chatId);
    if (this.#fresh) {
      const since = Math.max(floor, (settledAt ?? began) - settings.lookBackMs);
      this.#lookBack = [...known.since(since, settings.lookBackMessages)];
      log.info(
        { chats: heads.length, toRead: due.length, toLookAt: this.#lookBack.length },
        'history is compared with the log',
      );
    }
    this.#fresh = false;
    this.#passDue = false;
    if (due.length === 0 && this.#agenda.size === 0 && this.#lookBack.length === 0) recorder.settled(began);
  }

  async #serve(task: Task): Promise<void> {
    const { recorder, known } = this.#options;
    try {
      const named = [...task.changed, ...task.acks.keys()];
      // What happened to a message comes after the message, and that after those before it.
      if (task.read || known.among(named).size < new Set(named).size) await this.#readBack(task);
      for (const [id, ack] of task.acks) recorder.ack(id, task.chatId, ack);
      if (task.changed.size > 0) {
        recorder.messages(await this.#options.engine.inbound.inspect([...task.changed]));
      }
    } catch (error) {
      this.#agenda.giveBack(task);
      throw error;
    }
  }

  /** Reads a chat until it overlaps with what is known, and writes what is new in order. */
  async #readBack({ chatId, told }: Task): Promise<void> {
    const { engine, known, recorder, log } = this.#options;
    for (let limit = FIRST_PAGE; ; ) {
      const { messages, complete } = await engine.inbound.readBack(chatId, limit);
      const { floor = 0 } = known.horizon;
      const there = known.among(messages.map(({ id }) => id));
      const verdict = overlap(
        messages.map(({ id, timestamp }) => ({ id, known: there.has(id), old: timestamp < floor })),
        complete,
        limit,
      );
      if (verdict.kind === 'read-more') {
        limit = verdict.limit;
        continue;
      }
      if (verdict.kind === 'gives-up') {
        log.warn({ read: messages.length }, 'a chat has more unknown history than is read back');
        recorder.unread(chatId, messages.length);
      }
      recorder.messages(messages);
      break;
    }
    await this.#recordTold([...told.values()]);
  }

  /** What was told of and history does not show. */
  async #recordTold(told: readonly HistoryMessage[]): Promise<void> {
    const { engine, known, recorder, log } = this.#options;
    const there = known.among(told.map(({ id }) => id));
    const missing = told.filter(({ id }) => !there.has(id));
    if (missing.length === 0) return;
    const found = await engine.inbound.inspect(missing.map(({ id }) => id));
    const byId = new Map(found.map((snapshot) => [snapshot.id, snapshot]));
    const lost = missing.filter(({ id, type }) => !byId.has(id) && isWorthTelling(type));
    if (lost.length > 0)
      log.debug({ messages: lost.length }, 'written as they were told: history lacks them');
    recorder.messages(
      missing.flatMap((message) => {
        const snapshot = byId.get(message.id);
        if (snapshot !== undefined) return [snapshot];
        return isWorthTelling(message.type) ? [bare(message)] : [];
      }),
      TOLD_GRACE_MS,
    );
  }

  async #inspectSome(): Promise<void> {
    const ids = this.#lookBack.slice(0, INSPECT_BATCH);
    const found = await this.#options.engine.inbound.inspect(ids);
    this.#options.recorder.messages(found);
    this.#lookBack = this.#lookBack.slice(ids.length);
  }

  /** A page that is gone or a volume that is full: the same again, later. Anything else ends the process. */
  #failed(error: unknown): void {
    const { log, onFatal } = this.#options;
    if (this.#ended) return;
    if (!isPassing(error)) {
      onFatal(error);
      return;
    }
    this.#failures += 1;
    if (this.#failures % WARN_AFTER === 0) {
      log.warn({ err: error, failures: this.#failures }, 'what came in cannot be read: tried again');
    } else log.debug({ err: error }, 'the inbox tries again');
    this.#later();
  }

  /** The page keeps what is not read: it comes in once there is room. */
  #findsRoom(): boolean {
    const { hasRoom, log } = this.#options;
    const room = hasRoom();
    if (room !== this.hasRoom) {
      if (room) log.info('what comes in is read again');
      else log.warn('the volume is nearly full: what comes in stays in WhatsApp Web until there is room');
    }
    this.hasRoom = room;
    if (!room) this.#later();
    return room;
  }

  #later(): void {
    const { clock } = this.#options;
    this.#pausedUntil = clock.now() + RETRY_MS;
    clock.after(RETRY_MS, () => this.#wake());
  }
}

const isWorthTelling = (type: string): boolean =>
  !['e2e_notification', 'notification_template', 'protocol', 'ciphertext', 'unknown'].includes(type);

const isPassing = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'EngineError' || ('class' in error && (error as { class: unknown }).class === 'retry'));

/** A message of which there is only what the hint said. */
const bare = (message: HistoryMessage): MessageSnapshot => ({
  ...message,
  revoked: message.type === 'revoked',
  reactions: undefined,
  media: message.hasMedia ? { mimetype: undefined, filename: undefined, size: undefined } : undefined,
  forwarded: false,
  mentions: [],
  location: undefined,
  vcards: [],
  poll: undefined,
  notice: undefined,
});
