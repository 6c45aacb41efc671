import type { SessionState, TransitionReason } from '@whatsapp-operator/api/session';
import type { Ack, EngineListener, HistoryMessage } from '../../engine/engine.ts';
import type { InboundEngine } from '../../engine/inbound.ts';
import { ScriptedEngine } from '../../outbox/testing/scripted-engine.ts';

/** A session whose page is somebody else's, and that tells what a test says. */
export class ScriptedSession extends ScriptedEngine {
  override readonly inbound: InboundEngine;
  readonly #told = new Set<EngineListener>();

  constructor(now: () => number, inbound: InboundEngine) {
    super(now);
    this.inbound = inbound;
  }

  override on(listener: EngineListener): () => void {
    this.#told.add(listener);
    const off = super.on(listener);
    return () => {
      this.#told.delete(listener);
      off();
    };
  }

  become(state: SessionState, reason: TransitionReason = 'progress'): void {
    this.move(state, reason);
  }

  linkAs(accountId: string): void {
    this.accountId = accountId;
    this.connect();
  }

  tellMessage(message: HistoryMessage): void {
    for (const listener of this.#told) listener.message?.(message);
  }

  tellAck(messageId: string, ack: Ack): void {
    for (const listener of this.#told) listener.ack?.(messageId, ack);
  }
}
