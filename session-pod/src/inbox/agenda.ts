import type { Ack, HistoryMessage } from '../engine/engine.ts';

/** What is to be done about one chat. */
export interface Task {
  readonly chatId: string;
  /** History has to be read. */
  readonly read: boolean;
  /** Messages that were told of; each is in the log after its chat was read, whatever history says. */
  readonly told: ReadonlyMap<string, HistoryMessage>;
  /** Messages that changed. */
  readonly changed: ReadonlySet<string>;
  /** Highest acks that were told. */
  readonly acks: ReadonlyMap<string, Ack>;
}

interface MutableTask {
  read: boolean;
  readonly told: Map<string, HistoryMessage>;
  readonly changed: Set<string>;
  readonly acks: Map<string, Ack>;
}

/** Hints kept of one chat; whatever is beyond is found in history. */
const MAX_HINTS = 2000;

/**
 * Which chat is next. A chat has one task, however much is hinted, and goes to the end of the line when it was
 * served: one that is flooded gets the same turns as one with a single message.
 */
export class Agenda {
  readonly #tasks = new Map<string, MutableTask>();

  get size(): number {
    return this.#tasks.size;
  }

  read(chatId: string): void {
    this.#task(chatId).read = true;
  }

  told(message: HistoryMessage): void {
    const task = this.#task(message.chatId);
    task.read = true;
    if (task.told.size < MAX_HINTS) task.told.set(message.id, message);
  }

  changed(chatId: string, messageId: string): void {
    const task = this.#task(chatId);
    if (task.changed.size < MAX_HINTS) task.changed.add(messageId);
    else task.read = true;
  }

  acked(chatId: string, messageId: string, ack: Ack): void {
    const { acks } = this.#task(chatId);
    acks.set(messageId, Math.max(ack, acks.get(messageId) ?? -1) as Ack);
  }

  /** Takes the task of the chat that waits longest. */
  take(): Task | undefined {
    const [first] = this.#tasks;
    if (first === undefined) return undefined;
    const [chatId, task] = first;
    this.#tasks.delete(chatId);
    return { chatId, ...task };
  }

  /** Gives a task back that could not be done, at the end of the line, together with what came since. */
  giveBack({ chatId, read, told, changed, acks }: Task): void {
    const task = this.#task(chatId);
    task.read ||= read;
    for (const [id, message] of told) if (!task.told.has(id)) task.told.set(id, message);
    for (const id of changed) task.changed.add(id);
    for (const [id, ack] of acks) task.acks.set(id, Math.max(ack, task.acks.get(id) ?? -1) as Ack);
  }

  #task(chatId: string): MutableTask {
    let task = this.#tasks.get(chatId);
    if (task === undefined) {
      task = { read: false, told: new Map(), changed: new Set(), acks: new Map() };
      this.#tasks.set(chatId, task);
    }
    return task;
  }
}
