import { existsSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ALICE, aText, BOB, type OutboxRig } from './testing/outbox-rig.ts';
import { started, unstarted } from './testing/rigs.ts';

describe('an idempotency key', () => {
  it('with the same request gives the first message again, over a restart, when full, and when it has ended', async () => {
    const rig = started({ settings: { maxOpen: 1 } });
    const first = rig.outbox.accept(aText(), { key: 'k', digest: 'd' });
    expect(first.replayed).toBe(false);
    expect(rig.outbox.accept(aText(), { key: 'k', digest: 'd' })).toMatchObject({
      replayed: true,
      message: { id: first.message.id },
    });
    await rig.clock.advance(10);
    rig.engine.deliver(1, true);
    await rig.clock.advance(20);
    const next = started({ folder: rig.kill(), world: rig.engine.world, now: rig.clock.now() });
    const again = next.outbox.accept(aText(), { key: 'k', digest: 'd' });
    expect(again).toMatchObject({ replayed: true, message: { id: first.message.id, status: 'sent' } });
    expect(next.outbox.recall({ key: 'k', digest: 'd' })?.id).toBe(first.message.id);
    expect(next.outbox.recall({ key: 'other', digest: 'd' })).toBeUndefined();
  });

  it('with another request is a conflict', () => {
    const rig = started();
    rig.outbox.accept(aText(), { key: 'k', digest: 'd' });
    const reuse = () => rig.outbox.accept(aText(), { key: 'k', digest: 'other' });
    expect(reuse).toThrow(expect.objectContaining({ code: 'idempotency_key_reused', class: 'conflict' }));
  });

  it('outlives the retention of messages', async () => {
    const day = 24 * 3_600_000;
    const rig = started({ settings: { retentionMs: day, idempotencyRetentionMs: 7 * day } });
    const keyed = rig.outbox.accept(aText(), { key: 'k', digest: 'd' }).message.id;
    const plain = rig.accept(aText(BOB));
    await rig.clock.advance(10);
    rig.engine.deliver(3, true);
    await rig.clock.advance(20);
    const later = started({ folder: rig.kill(), world: rig.engine.world, now: rig.clock.now() + 2 * day });
    await later.clock.advance(1000);
    expect(later.outbox.get(plain)).toBeDefined();
    const pruning = started({
      folder: later.kill(),
      world: rig.engine.world,
      now: rig.clock.now() + 2 * day,
      settings: { retentionMs: day, idempotencyRetentionMs: 7 * day },
    });
    await pruning.clock.advance(1000);
    expect(pruning.outbox.get(plain)).toBeUndefined();
    expect(pruning.outbox.get(keyed)).toBeDefined();
    expect(pruning.outbox.stats().byStatus.read).toBe(1);
  });
});

describe('intake', () => {
  it('is refused when as many messages are open as allowed, and taken again after', async () => {
    const rig = started({ settings: { maxOpen: 2 } });
    rig.accept();
    rig.accept();
    expect(() => rig.accept()).toThrow(expect.objectContaining({ code: 'queue_full', class: 'retry' }));
    await rig.clock.advance(10);
    rig.engine.deliver(1, true);
    await rig.clock.advance(1000);
    rig.accept();
    expect(rig.store.counters.total('refusedMessages')).toBe(1);
  });

  it('is refused while the volume is nearly full; the queue drains, and it recovers by itself', async () => {
    let free = 2 ** 40;
    const rig = started({ free: () => free });
    const id = rig.accept();
    free = 1000;
    expect(() => rig.accept()).toThrow(expect.objectContaining({ code: 'storage_full', class: 'retry' }));
    expect(rig.outbox.stats()).toMatchObject({ accepting: false, refusal: 'storage_full' });
    await rig.clock.advance(10);
    rig.engine.deliver(1, true);
    await rig.clock.advance(20);
    expect(rig.status(id)).toBe('sent');
    free = 2 ** 40;
    expect(rig.outbox.stats().accepting).toBe(true);
    rig.accept();
  });

  it('is refused during the shutdown, and goes on when that is called off', () => {
    const rig = started();
    rig.outbox.pauseIntake();
    expect(() => rig.accept()).toThrow(expect.objectContaining({ code: 'shutting_down' }));
    rig.outbox.resumeIntake();
    rig.accept();
  });
});

describe('a listing', () => {
  it('goes by cursor through every message once, oldest first, by state and chat', async () => {
    const rig = started({ settings: { ratePerMinute: 1 } });
    const ids = Array.from({ length: 7 }, (_, n) => rig.accept(aText(n % 2 === 0 ? ALICE : BOB)));
    await rig.clock.advance(10);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = rig.outbox.list({ status: undefined, chatId: undefined, after, limit: 3 });
      seen.push(...page.messages.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual(ids);
    const queued = rig.outbox.list({ status: 'queued', chatId: BOB, after: undefined, limit: 100 });
    expect(queued.messages.map(({ id }) => id)).toEqual([ids[1], ids[3], ids[5]]);
  });

  it.each(['x', '-1', '1.5', '1e3', '99999999999999999999', ' '])('refuses the cursor %o', (after) => {
    const list = () => started().outbox.list({ status: undefined, chatId: undefined, after, limit: 3 });
    expect(list).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});

describe('a file', () => {
  const stage = (rig: OutboxRig, text = 'some bytes') => rig.media.stage(Buffer.from(text));
  const withFile = (digest: string, chatId = ALICE) =>
    aText(chatId, {
      content: { type: 'document', digest, mimetype: 'text/plain', filename: 'a.txt', caption: undefined },
    });

  it('stays until every message that needs it has left, and goes then', async () => {
    const rig = started();
    const staged = await stage(rig);
    const path = rig.media.pathOf(staged.digest);
    const paths: unknown[] = [];
    rig.engine.onSend = ({ content }) => paths.push('path' in content ? content.path : undefined);
    rig.accept(withFile(staged.digest, ALICE));
    rig.accept(withFile(staged.digest, BOB));
    staged.release();
    await rig.clock.advance(100);
    expect(paths).toEqual([path, path]);
    const [first = ''] = rig.engine.world.handovers;
    rig.engine.hint(ALICE, first, 1);
    await rig.clock.advance(20);
    expect(existsSync(path)).toBe(true);
    rig.engine.deliver(1, true);
    await rig.clock.advance(20);
    expect(existsSync(path)).toBe(false);
  });

  it('that vanished fails the message that needs it', async () => {
    const rig = unstarted();
    const staged = await stage(rig);
    const id = rig.accept(withFile(staged.digest));
    rig.media.discard(staged.digest);
    rmSync(rig.media.pathOf(staged.digest));
    rig.engine.connect();
    rig.outbox.start();
    await rig.clock.advance(100);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'failed', outcome: { code: 'media_missing' } });
  });
});
