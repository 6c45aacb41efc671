import type { Clock } from '../clock.ts';
import { Failure } from '../failure.ts';
import type { Counters, LabelsOf } from '../store/counters.ts';
import { type DiskReserve, spendableBytes } from '../store/disk.ts';
import { mediaDigest } from './content.ts';
import type { Accepted, AcceptRequest, Idempotency, OutboxFailure, OutboxFailureCode } from './contract.ts';
import type { Journal } from './journal.ts';
import type { Message } from './message.ts';
import { pinnedId } from './pinned-id.ts';
import type { Schedule } from './schedule.ts';
import type { OutboxSettings } from './settings.ts';

export interface IntakeOptions {
  readonly journal: Journal;
  readonly schedule: Schedule;
  readonly counters: Counters;
  readonly reserve: DiskReserve;
  readonly settings: Pick<OutboxSettings, 'maxOpen' | 'expiresAfterMs'>;
  readonly clock: Clock;
  readonly makeId: () => Uint8Array;
}

type RefusalReason = LabelsOf<'refusedMessages'>['reason'];

const failure = (
  code: OutboxFailureCode,
  failureClass: 'retry' | 'terminal' | 'conflict',
  message: string,
  cause?: unknown,
): OutboxFailure => new Failure(code, failureClass, message, { cause });

/**
 * Takes messages, or says why not. A message is refused before anything of it is written, or after everything of it
 * was taken back.
 */
export class Intake {
  /** True while the process is about to end. */
  paused = false;
  readonly #options: IntakeOptions;
  /** Counted in memory first: refusing must stay cheap, however many ask. */
  readonly #refusals = new Map<RefusalReason, number>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  accept(request: AcceptRequest, idempotency: Idempotency | undefined): Accepted {
    const known = idempotency === undefined ? undefined : this.recall(idempotency);
    if (known !== undefined) return { message: known, replayed: true };
    const refusal = this.refusal();
    if (refusal !== undefined) throw this.#refused(refusal);
    try {
      return { message: this.#write(request, idempotency), replayed: false };
    } catch (error) {
      throw this.#refused(error);
    }
  }

  recall({ key, digest }: Idempotency): Message | undefined {
    const known = this.#options.journal.rows.byKey(key);
    if (known !== undefined && known.digest !== digest) {
      throw failure(
        'idempotency_key_reused',
        'conflict',
        'this idempotency key was used with another request; a new request needs a new key',
      );
    }
    return known?.message;
  }

  refusal(): OutboxFailure | undefined {
    const { schedule, settings, reserve } = this.#options;
    if (this.paused) return failure('shutting_down', 'retry', 'the session pod is shutting down');
    if (schedule.entries.size >= settings.maxOpen) {
      return failure('queue_full', 'retry', `${settings.maxOpen} messages wait to be sent already`);
    }
    return storageRefusal(reserve);
  }

  /** Brings the refusals that were counted in memory to disk, as far as that can be done. */
  flushRefusals(): void {
    const { journal, counters } = this.#options;
    if (this.#refusals.size === 0) return;
    try {
      journal.commit([], () => {
        for (const [reason, count] of this.#refusals)
          counters.increment('refusedMessages', { reason }, count);
      });
      this.#refusals.clear();
    } catch {
      // On a full disk they stay in memory until there is room; a count is not worth more.
    }
  }

  #write(request: AcceptRequest, idempotency: Idempotency | undefined): Message {
    const { journal, settings, clock, makeId } = this.#options;
    const now = clock.now();
    const { content, replyTo, mentions } = request;
    return journal.add({
      message: {
        id: pinnedId(makeId()),
        chatId: request.chatId,
        type: content.type,
        status: 'queued',
        outcome: undefined,
        whatsappId: undefined,
        ack: undefined,
        acceptedAt: now,
        expiresAt: now + (request.expiresAfterMs ?? settings.expiresAfterMs),
        nextAttemptAt: undefined,
        insertedAt: undefined,
        sentAt: undefined,
        deliveredAt: undefined,
        readAt: undefined,
        endedAt: undefined,
        mediaDigest: mediaDigest(content),
        nudges: 0,
        checkAt: undefined,
        attempts: [],
      },
      payload: { content, replyTo, mentions },
      idempotencyKey: idempotency?.key,
      requestDigest: idempotency?.digest,
    });
  }

  #refused(error: unknown): unknown {
    if (error instanceof Failure && isRefusalReason(error.code)) {
      this.#refusals.set(error.code, (this.#refusals.get(error.code) ?? 0) + 1);
    }
    return error;
  }
}

const isRefusalReason = (code: string): code is RefusalReason =>
  code === 'queue_full' || code === 'storage_full' || code === 'storage_failed' || code === 'shutting_down';

function storageRefusal(reserve: DiskReserve): OutboxFailure | undefined {
  try {
    if (spendableBytes(reserve) > 0) return undefined;
  } catch (error) {
    return failure('storage_failed', 'retry', 'the volume does not answer', error);
  }
  return failure(
    'storage_full',
    'retry',
    'the volume is nearly full: what was accepted is still sent, and new messages are taken again once there is room',
  );
}
