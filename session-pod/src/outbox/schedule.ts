import type { Finding } from './decide.ts';
import type { Message } from './message.ts';

/** An open message with what is known about it in this life of the page. */
export interface Entry {
  message: Message;
  /** What the page said since it was loaded and since the last attempt. */
  finding: Finding | undefined;
  registration: 'registered' | 'unregistered' | 'unavailable' | undefined;
  /** Since when the page, though connected, does not answer. Milliseconds since 1970. */
  unansweredSince: number | undefined;
  /** Not asked again before. */
  askAt: number;
  /** A call for it is running. */
  busy: boolean;
}

export const newEntry = (message: Message): Entry => ({
  message,
  finding: undefined,
  registration: undefined,
  unansweredSince: undefined,
  askAt: 0,
  busy: false,
});

/** The page has it in its own queue: the next message of the chat may follow. */
export const isHandedOver = ({ finding }: Entry): boolean => finding?.kind === 'found' && finding.ack >= 0;

/** One chat with its open messages, in order of acceptance. */
export interface Chat {
  readonly id: string;
  readonly entries: Map<string, Entry>;
}

/** The message whose turn it is: the first that the page does not have. */
export function headOf(chat: Chat): Entry | undefined {
  for (const entry of chat.entries.values()) if (!isHandedOver(entry)) return entry;
  return undefined;
}

/**
 * Which chat is next. Within a chat messages keep their order; between chats everybody gets a turn, whatever the
 * others have queued.
 *
 * A chat is in one of four places: `pending` (something happened, decide), `ready` (its head may be handed over as
 * soon as the pace allows), `asleep` (nothing to do before some time), or none (a call for its head is running, or it
 * is empty).
 */
export class Schedule {
  readonly chats = new Map<string, Chat>();
  readonly entries = new Map<string, { readonly entry: Entry; readonly chat: Chat }>();
  readonly #pending = new Set<Chat>();
  readonly #ready = new Set<Chat>();
  readonly #asleep = new Map<Chat, number>();
  /** In the page's own queue, without acknowledgement. */
  readonly handedOver = new Map<Entry, Chat>();
  #nextWake = Number.POSITIVE_INFINITY;

  add(message: Message): Entry {
    const chat = this.chats.get(message.chatId) ?? { id: message.chatId, entries: new Map() };
    this.chats.set(chat.id, chat);
    const entry = newEntry(message);
    chat.entries.set(message.id, entry);
    this.entries.set(message.id, { entry, chat });
    if (headOf(chat) === entry) this.touch(chat);
    return entry;
  }

  remove(id: string): void {
    const found = this.entries.get(id);
    if (found === undefined) return;
    const { chat, entry } = found;
    const wasHead = headOf(chat) === entry;
    this.entries.delete(id);
    chat.entries.delete(id);
    this.handedOver.delete(entry);
    if (chat.entries.size > 0) {
      if (wasHead) this.touch(chat);
      return;
    }
    this.#leave(chat);
    this.chats.delete(chat.id);
  }

  /** What the page said of a message has changed. */
  note(entry: Entry): void {
    const chat = this.entries.get(entry.message.id)?.chat;
    if (chat !== undefined && isHandedOver(entry)) this.handedOver.set(entry, chat);
    else this.handedOver.delete(entry);
  }

  /** What the page said counts no more: it is another page. */
  forgetFindings(): void {
    this.handedOver.clear();
    for (const { entry } of this.entries.values()) {
      Object.assign(entry, {
        finding: undefined,
        registration: undefined,
        unansweredSince: undefined,
        askAt: 0,
      });
    }
    this.touchAll();
  }

  /**
   * Messages that count against the limit of those without acknowledgement. Those for which everything was tried do
   * not: they must not hold up the others until they expire.
   */
  get unacknowledged(): number {
    let count = 0;
    for (const { message } of this.handedOver.keys()) if (message.nudges < 2) count += 1;
    return count;
  }

  /**
   * Something about the chat is new. While a call for its head runs, its end decides; a chat that is ready keeps its
   * place, and is decided about once more when its turn comes.
   */
  touch(chat: Chat): void {
    if (this.#ready.has(chat) || headOf(chat)?.busy !== false) return;
    this.#asleep.delete(chat);
    this.#pending.add(chat);
  }

  touchAll(): void {
    for (const chat of this.chats.values()) this.touch(chat);
  }

  /** Takes a chat that has to be decided about. */
  takePending(now: number): Chat | undefined {
    if (now >= this.#nextWake) this.#wake(now);
    return takeFirst(this.#pending);
  }

  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  setReady(chat: Chat): void {
    this.#ready.add(chat);
  }

  get hasReady(): boolean {
    return this.#ready.size > 0;
  }

  /** Takes the chat that has waited longest for its turn. */
  takeReady(): Chat | undefined {
    return takeFirst(this.#ready);
  }

  sleep(chat: Chat, until: number | undefined): void {
    if (until === undefined) return;
    this.#asleep.set(chat, until);
    this.#nextWake = Math.min(this.#nextWake, until);
  }

  /** When the first sleeper wakes; infinite when nobody sleeps. */
  get nextWake(): number {
    return this.#nextWake;
  }

  #wake(now: number): void {
    this.#nextWake = Number.POSITIVE_INFINITY;
    for (const [chat, until] of this.#asleep) {
      if (until <= now) this.touch(chat);
      else this.#nextWake = Math.min(this.#nextWake, until);
    }
  }

  #leave(chat: Chat): void {
    this.#pending.delete(chat);
    this.#ready.delete(chat);
    this.#asleep.delete(chat);
  }
}

function takeFirst(chats: Set<Chat>): Chat | undefined {
  const [first] = chats;
  if (first !== undefined) chats.delete(first);
  return first;
}
