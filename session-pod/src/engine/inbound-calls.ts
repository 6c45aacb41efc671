import type {
  ChatHead,
  InboundEngine,
  InboundHint,
  MessageSnapshot,
  OpenMedia,
  ReadBack,
} from './inbound.ts';
import type { CallName, Calls } from './protocol.ts';

type Ask = <N extends CallName>(
  name: N,
  params: Calls[N]['params'],
  deadlineMs?: number,
) => Promise<Calls[N]['result']>;

/** Reading back and fetching files take longer than other questions. Milliseconds. */
const READ_MS = 60_000;
const FETCH_MS = 120_000;

/** The inbound half of the engine: questions go to the page, hints come from it. */
export class InboundCalls implements InboundEngine {
  readonly #ask: Ask;
  readonly #failed: (error: unknown) => void;
  readonly #listeners = new Set<(hint: InboundHint) => void>();

  /** @param failed told what a listener threw */
  constructor(ask: Ask, failed: (error: unknown) => void) {
    this.#ask = ask;
    this.#failed = failed;
  }

  newest(): Promise<readonly ChatHead[]> {
    return this.#ask('newest', null);
  }

  readBack(chatId: string, limit: number): Promise<ReadBack> {
    return this.#ask('readBack', { chatId, limit }, READ_MS);
  }

  inspect(messageIds: readonly string[]): Promise<readonly MessageSnapshot[]> {
    return this.#ask('inspect', { messageIds }, READ_MS);
  }

  async openMedia(messageId: string, maxBytes: number): Promise<OpenMedia | undefined> {
    return (await this.#ask('openMedia', { messageId, maxBytes }, FETCH_MS)) ?? undefined;
  }

  readMedia(token: string, offset: number, length: number): Promise<string> {
    return this.#ask('readMedia', { token, offset, length });
  }

  async closeMedia(token: string): Promise<void> {
    await this.#ask('closeMedia', { token });
  }

  onHint(listener: (hint: InboundHint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(hint: InboundHint): void {
    for (const listener of this.#listeners) {
      try {
        listener(hint);
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
