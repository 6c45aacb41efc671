import type { MessageStatus } from '@whatsapp-operator/api/session';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../engine/engine.ts';
import { isOpen, rank } from './proof.ts';
import { ALICE, aText, BOB, CAROL, OutboxRig } from './testing/outbox-rig.ts';
import { type SendScript, World } from './testing/scripted-engine.ts';

/**
 * Any interleaving of what can happen to an outbox: messages, faults of every call, acknowledgements told and lost,
 * lines and pages that break, cancellations, time, and a process that is killed at rest or in the middle of a call.
 * The ledger is the simulated server's: what really arrived.
 */
type Step =
  | { readonly do: 'accept'; readonly chat: number }
  | { readonly do: 'script'; readonly script: SendScript }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'deliver'; readonly ack: 1 | 2 | 3; readonly told: boolean }
  | { readonly do: 'drop_line' }
  | { readonly do: 'connect' }
  | { readonly do: 'reload'; readonly loses: boolean }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'silence'; readonly on: boolean }
  | { readonly do: 'disk'; readonly works: boolean }
  | { readonly do: 'kill' }
  | { readonly do: 'kill_in_call' };

const scripts: readonly SendScript[] = [
  'insert',
  'insert_untold',
  'insert_no_result',
  'lose',
  'lose_no_result',
  'leave_unstored',
  'refuse',
  'not_begun',
  'insert_error',
  'hang_inserted',
  'hang_lost',
];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('accept' as const), chat: fc.nat(2) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('script' as const), script: fc.constantFrom(...scripts) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 50, 700, 4000, 40_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      ack: fc.constantFrom(1 as const, 2 as const, 3 as const),
      told: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop_line' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('connect' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reload' as const), loses: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('silence' as const), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('disk' as const), works: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill_in_call' as const) }) },
);

const CHATS = [ALICE, BOB, CAROL];
const EXPIRES_AFTER = 300_000;
/** Long enough for everything to end, however far apart its tries have come. */
const FOR_EVER = 1_200_000;

/** A database that takes no writes fails every transaction, as a full or failing disk does. */
const setWritable = (rig: OutboxRig, works: boolean): void => {
  rig.store.database.prepare(`PRAGMA query_only = ${works ? 'OFF' : 'ON'}`).run();
};

class Run {
  readonly world = new World();
  readonly accepted: { readonly id: string; readonly chatId: string }[] = [];
  readonly #statuses = new Map<string, MessageStatus>();
  readonly #unproven: 'resend' | 'hold';
  readonly #violations: unknown[] = [];
  readonly #rigs: OutboxRig[] = [];
  /** Ids that left the page without a trace: only they may arrive twice. */
  readonly #gaps = new Set<string>();
  #killInCall = false;
  #folder: string | undefined;
  rig: OutboxRig;

  constructor(unproven: 'resend' | 'hold') {
    this.#unproven = unproven;
    this.rig = this.#begin();
  }

  #begin(folder?: string): OutboxRig {
    const rig = new OutboxRig({
      world: this.world,
      now: this.#rigs.at(-1)?.clock.now() ?? 1_700_000_000_000,
      settings: { unproven: this.#unproven, maxAttempts: 4, expiresAfterMs: EXPIRES_AFTER },
      ...(folder === undefined ? {} : { folder }),
    });
    this.#rigs.push(rig);
    rig.engine.onSend = (message) => {
      // What is thrown here looks like a failing engine to the outbox, so it is kept for the test.
      try {
        this.#handedOver(rig, message);
      } catch (error) {
        this.#violations.push(error);
      }
    };
    rig.engine.connect();
    rig.outbox.start();
    return rig;
  }

  /** What must hold at every call into the page. */
  #handedOver(rig: OutboxRig, message: OutboundMessage): void {
    const { world } = this;
    // The attempt is on disk before the page is called.
    const known = rig.outbox.get(message.id);
    expect(known?.attempts.at(-1)).toMatchObject({ outcome: undefined });
    // What the page's own queue has is never handed over again.
    expect(world.stored.get(message.id)?.ack ?? -1).toBe(-1);
    if (this.#unproven === 'hold') {
      const earlier = known?.attempts.slice(0, -1) ?? [];
      const proven = world.stored.has(message.id) || earlier.every(({ outcome }) => outcome === 'not_begun');
      expect(proven).toBe(true);
    }
    // In its chat, everything before it has ended, or the page has it.
    for (const before of this.accepted) {
      if (before.id === message.id) break;
      if (before.chatId !== message.chatId) continue;
      const earlier = rig.outbox.get(before.id);
      expect(earlier !== undefined && (!isOpen(earlier) || world.stored.has(before.id))).toBe(true);
    }
    if (rig.engine.script[0] === 'leave_unstored') this.#gaps.add(message.id);
    if (this.#killInCall) {
      this.#killInCall = false;
      this.#folder = rig.kill();
    }
  }

  async take(next: Step): Promise<void> {
    const { rig } = this;
    switch (next.do) {
      case 'accept':
        this.#accept(CHATS[next.chat] ?? ALICE);
        break;
      case 'script':
        rig.engine.script.push(next.script);
        break;
      case 'advance':
        await rig.clock.advance(next.ms);
        break;
      case 'deliver':
        rig.engine.deliver(next.ack, next.told);
        break;
      case 'drop_line':
        rig.engine.move('Disconnected', 'socket_lost');
        break;
      case 'connect':
        rig.engine.connect();
        break;
      case 'reload':
        rig.engine.reload(() => next.loses);
        break;
      case 'cancel':
        this.#cancel(next.which);
        break;
      case 'silence':
        rig.engine.lookupsFail = next.on;
        break;
      case 'disk':
        setWritable(rig, next.works);
        break;
      case 'kill':
        this.#folder ??= rig.kill();
        break;
      case 'kill_in_call':
        this.#killInCall = true;
    }
    await rig.clock.advance(1);
    this.#restartIfKilled();
    this.check();
  }

  #accept(chatId: string): void {
    try {
      const { message } = this.rig.outbox.accept(aText(chatId));
      this.accepted.push({ id: message.id, chatId });
    } catch (error) {
      expect(error).toMatchObject({ code: 'storage_failed' });
    }
  }

  #cancel(which: number): void {
    const target = this.accepted[which % Math.max(1, this.accepted.length)];
    if (target === undefined) return;
    try {
      this.rig.outbox.cancel(target.id);
    } catch (error) {
      expect(['not_cancellable', 'storage_failed']).toContain((error as { readonly code: string }).code);
    }
  }

  #restartIfKilled(): void {
    // The new process may be killed in its first call.
    while (this.#folder !== undefined) {
      const folder = this.#folder;
      this.#folder = undefined;
      this.rig = this.#begin(folder);
    }
  }

  /** What must hold at any time. */
  check(): void {
    for (const violation of this.#violations) throw violation;
    for (const { id } of this.accepted) {
      const message = this.rig.outbox.get(id);
      if (message === undefined) throw new Error(`${id} was accepted and is gone`);
      const { status } = message;
      const arrived = this.world.arrivals.get(id) ?? 0;
      if (status === 'failed' || status === 'expired' || status === 'cancelled')
        expect([id, status, arrived]).toEqual([id, status, 0]);
      if (rank(status) > 0) expect([id, status, arrived > 0]).toEqual([id, status, true]);
      if (!this.#gaps.has(id)) expect([id, arrived <= 1]).toEqual([id, true]);
      this.#checkMove(id, this.#statuses.get(id), status);
      this.#statuses.set(id, status);
    }
    expect(this.rig.fatal).toEqual([]);
  }

  /** What has ended stays so, except that an acknowledgement moves it forward. */
  #checkMove(id: string, from: MessageStatus | undefined, to: MessageStatus): void {
    if (from === undefined || from === to || isOpen({ status: from })) return;
    expect([id, from, to, rank(to) > rank(from)]).toEqual([id, from, to, true]);
  }

  /** Everything works again, and time passes: then nothing may be left open. */
  async quiesce(): Promise<void> {
    this.#killInCall = false;
    // A call that hangs for ever ends with its process, or with the engine's deadline.
    this.#folder = this.rig.kill();
    this.#restartIfKilled();
    const rest = FOR_EVER / 20;
    for (let round = 0; round < 20; round++) {
      await this.rig.clock.advance(rest);
      this.rig.engine.deliver(1, round % 2 === 0);
    }
    this.check();
    for (const { id } of this.accepted) {
      const message = this.rig.outbox.get(id);
      expect([id, message?.status, message !== undefined && !isOpen(message)]).toEqual([
        id,
        message?.status,
        true,
      ]);
      if (message?.status === 'unknown') expect(message.outcome?.detail).not.toBe('');
    }
    const { byStatus } = this.rig.outbox.stats();
    expect(Object.values(byStatus).reduce((sum, count) => sum + count, 0)).toBe(this.accepted.length);
    expect(this.rig.store.counters.total('acceptedMessages')).toBe(this.accepted.length);
  }

  tally(seen: { sent: number; unknown: number; retried: number }): void {
    const { byStatus } = this.rig.outbox.stats();
    seen.sent += byStatus.sent + byStatus.delivered + byStatus.read;
    seen.unknown += byStatus.unknown;
    seen.retried += this.world.handovers.length - new Set(this.world.handovers).size;
  }

  dispose(): void {
    for (const rig of this.#rigs) {
      setWritable(rig, true);
      rig.dispose();
    }
  }
}

/** The answer of a page came in the same breath in which the page was lost, and was taken for that of the next one. */
const staleAnswer: Step[] = [
  { do: 'accept', chat: 0 },
  { do: 'kill' },
  { do: 'reload', loses: true },
  { do: 'accept', chat: 0 },
  { do: 'connect' },
  { do: 'advance', ms: 1 },
];

describe.each(['resend', 'hold'] as const)('whatever happens, with %s', (unproven) => {
  it('no message is lost, doubled, overtaken in its chat, or called what it is not', async () => {
    const seen = { sent: 0, unknown: 0, retried: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
        const run = new Run(unproven);
        try {
          for (const next of steps) await run.take(next);
          await run.quiesce();
          run.tally(seen);
        } finally {
          run.dispose();
        }
      }),
      {
        numRuns: Number(process.env['PROPERTY_RUNS'] ?? 40),
        interruptAfterTimeLimit: 60_000,
        examples: [[staleAnswer]],
      },
    );
    // Otherwise nothing was tested.
    expect(seen.sent).toBeGreaterThan(0);
    expect(unproven === 'hold' ? seen.unknown : seen.retried).toBeGreaterThan(0);
  }, 180_000);
});
