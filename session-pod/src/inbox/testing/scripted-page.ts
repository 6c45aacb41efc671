import { EngineError } from '../../engine/errors.ts';
import type {
  ChatHead,
  InboundEngine,
  InboundHint,
  MessageSnapshot,
  OpenMedia,
  ReadBack,
} from '../../engine/inbound.ts';

export const aMessage = (
  chatId: string,
  number: number,
  different: Partial<MessageSnapshot> = {},
): MessageSnapshot => {
  const fromMe = different.fromMe ?? false;
  return {
    id: `${fromMe}_${chatId}_M${number}`,
    chatId,
    fromMe,
    author: fromMe ? '491510000001@c.us' : chatId,
    type: 'chat',
    body: `message ${number}`,
    hasMedia: false,
    ack: 1,
    timestamp: 1_700_000_000_000 + number * 1000,
    quotedMessageId: undefined,
    editedAt: undefined,
    revoked: false,
    reactions: [],
    media: undefined,
    forwarded: false,
    mentions: [],
    location: undefined,
    vcards: [],
    poll: undefined,
    notice: undefined,
    ...different,
  };
};

/** A page that has exactly the messages that a test gave it, and fails when it is told to. */
export class ScriptedPage implements InboundEngine {
  readonly chats = new Map<string, MessageSnapshot[]>();
  readonly files = new Map<string, Buffer>();
  /** How many further questions fail. */
  failures = 0;
  questions = 0;
  readonly #listeners = new Set<(hint: InboundHint) => void>();

  add(message: MessageSnapshot): void {
    const chat = this.chats.get(message.chatId) ?? [];
    chat.push(message);
    this.chats.set(message.chatId, chat);
  }

  change(id: string, change: Partial<MessageSnapshot>): void {
    for (const messages of this.chats.values()) {
      const index = messages.findIndex((message) => message.id === id);
      const found = messages[index];
      if (found !== undefined) messages[index] = { ...found, ...change };
    }
  }

  hint(hint: InboundHint): void {
    for (const listener of this.#listeners) listener(hint);
  }

  async newest(): Promise<readonly ChatHead[]> {
    await this.#ask();
    return [...this.chats].map(([chatId, messages]) => ({
      chatId,
      messageId: messages.at(-1)?.id,
      timestamp: messages.at(-1)?.timestamp ?? 0,
    }));
  }

  async readBack(chatId: string, limit: number): Promise<ReadBack> {
    await this.#ask();
    const messages = this.chats.get(chatId) ?? [];
    return { messages: messages.slice(-limit), complete: messages.length <= limit };
  }

  async inspect(ids: readonly string[]): Promise<readonly MessageSnapshot[]> {
    await this.#ask();
    return [...this.chats.values()].flat().filter(({ id }) => ids.includes(id));
  }

  async openMedia(messageId: string): Promise<OpenMedia | undefined> {
    await this.#ask();
    const file = this.files.get(messageId);
    return file === undefined
      ? undefined
      : { token: messageId, size: file.length, mimetype: 'image/jpeg', filename: 'photo.jpg' };
  }

  async readMedia(token: string, offset: number, length: number): Promise<string> {
    await this.#ask();
    return (this.files.get(token) ?? Buffer.alloc(0)).subarray(offset, offset + length).toString('base64');
  }

  async closeMedia(): Promise<void> {}

  onHint(listener: (hint: InboundHint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #ask(): Promise<void> {
    this.questions += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failures > 0) {
      this.failures -= 1;
      throw new EngineError('engine_unavailable', 'there is no browser just now');
    }
  }
}

/** The page as one process sees it: once that is killed, nothing is answered any more. */
export class PageView implements InboundEngine {
  dead = false;
  readonly #page: ScriptedPage;

  constructor(page: ScriptedPage) {
    this.#page = page;
  }

  newest = () => this.#alive(this.#page.newest());
  readBack = (chatId: string, limit: number) => this.#alive(this.#page.readBack(chatId, limit));
  inspect = (ids: readonly string[]) => this.#alive(this.#page.inspect(ids));
  openMedia = (messageId: string) => this.#alive(this.#page.openMedia(messageId));
  readMedia = (token: string, offset: number, length: number) =>
    this.#alive(this.#page.readMedia(token, offset, length));
  closeMedia = () => this.#alive(this.#page.closeMedia());

  onHint(listener: (hint: InboundHint) => void): () => void {
    return this.#page.onHint((hint) => {
      if (!this.dead) listener(hint);
    });
  }

  async #alive<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer;
      return this.dead ? await new Promise<T>(() => undefined) : value;
    } catch (error) {
      if (this.dead) return await new Promise<T>(() => undefined);
      throw error;
    }
  }
}
