import { existsSync } from 'node:fs';
import type { Engine, SendOutcome } from '../engine/engine.ts';
import type { MediaStore } from '../media/media.ts';
import { toOutbound } from './content.ts';
import type { Journal } from './journal.ts';
import type { Message } from './message.ts';
import type { Payload } from './rows.ts';
import type { OutboxSettings } from './settings.ts';

export interface HandoverOptions {
  readonly engine: Pick<Engine, 'send'>;
  readonly journal: Journal;
  readonly media: Pick<MediaStore, 'pathOf'>;
  readonly settings: Pick<OutboxSettings, 'sendDeadlineMs'>;
}

/** Gives a message to the engine, whole. */
export class Handover {
  readonly #options: HandoverOptions;

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  /** What the message says; undefined when its file is gone from the volume. */
  payloadOf({ seq, mediaDigest }: Message): Payload | undefined {
    const { journal, media } = this.#options;
    if (mediaDigest !== undefined && !existsSync(media.pathOf(mediaDigest))) return undefined;
    return journal.rows.payload(seq);
  }

  /** One call into the page. Never throws: an engine that does has proven nothing. */
  async call({ chatId, id }: Message, { content, replyTo, mentions }: Payload): Promise<SendOutcome> {
    const { engine, media, settings } = this.#options;
    try {
      return await engine.send({
        chatId,
        id,
        content: toOutbound(content, media.pathOf),
        replyTo,
        mentions,
        deadlineMs: settings.sendDeadlineMs,
      });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { kind: 'ambiguous', cause: 'rejected', detail };
    }
  }
}
