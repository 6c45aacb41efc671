import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ALICE, aText, BOB, CAROL, OutboxRig, type RigOptions } from './testing/outbox-rig.ts';

const rigs: OutboxRig[] = [];
const started = (options?: RigOptions): OutboxRig => {
  const rig = OutboxRig.running(options);
  rigs.push(rig);
  return rig;
};
const unstarted = (options?: RigOptions): OutboxRig => {
  const rig = new OutboxRig(options);
  rigs.push(rig);
  return rig;
};

afterEach(() => {
  for (const rig of rigs.splice(0)) rig.dispose();
});

describe('a message', () => {
  it('is queued, sending once the page has it, and sent with the acknowledgement of the server', async () => {
    const rig = started();
    const id = rig.accept();
    expect(rig.status(id)).toBe('queued');
    await rig.clock.advance(10);
    expect(rig.status(id)).toBe('sending');
    rig.engine.deliver(1, true);
    await rig.clock.advance(20);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'sent', whatsappId: `true_${ALICE}_${id}` });
  });

  it.each([
    [2, 'delivered'],
    [3, 'read'],
    [4, 'played'],
  ] as const)('with ack %i is %s, and never goes back', async (ack, status) => {
    const rig = started();
    const id = rig.accept();
    await rig.clock.advance(10);
    rig.engine.deliver(ack, true);
    await rig.clock.advance(20);
    rig.engine.hint(ALICE, id, 1);
    await rig.clock.advance(20);
    expect(rig.status(id)).toBe(status);
  });

  it('whose acknowledgement was never told is found out by asking', async () => {
    const rig = started();
    const id = rig.accept();
    await rig.clock.advance(10);
    rig.engine.deliver(2, false);
    await rig.clock.advance(5000);
    expect(rig.status(id)).toBe('delivered');
  });

  it('whose reading was never told is found out by asking, too', async () => {
    const rig = started();
    const id = rig.accept();
    await rig.clock.advance(10);
    rig.engine.deliver(1, true);
    await rig.clock.advance(20);
    rig.engine.deliver(3, false);
    await rig.clock.advance(60_000);
    expect(rig.status(id)).toBe('read');
  });

  it('acknowledged before the call returns stays sent whatever the call says', async () => {
    const rig = started();
    rig.engine.script.push('insert_untold');
    rig.engine.onSend = ({ id, chatId }) => rig.engine.hint(chatId, id, 1);
    const id = rig.accept();
    await rig.clock.advance(100);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'sent', attempts: [{ outcome: 'rejected' }] });
  });

  it('that the page stored without saying so is not handed over again', async () => {
    const rig = started();
    rig.engine.script.push('insert_untold');
    const id = rig.accept();
    await rig.clock.advance(5000);
    rig.engine.deliver(1, true);
    await rig.clock.advance(100);
    expect(rig.status(id)).toBe('sent');
    expect(rig.engine.world.handovers).toEqual([id]);
  });

  it('that the page lacks is handed over again under the same id', async () => {
    const rig = started();
    rig.engine.script.push('lose');
    const id = rig.accept();
    await rig.clock.advance(5000);
    expect(rig.engine.world.handovers).toEqual([id, id]);
    expect(rig.outbox.get(id)?.attempts.map(({ reason }) => reason)).toEqual(['first', 'absent']);
    expect(rig.store.counters.total('sendRetries')).toBe(1);
  });

  it('can be followed by its id through acceptance, retry and acknowledgement, without body and number', async () => {
    const rig = started();
    rig.engine.script.push('lose');
    const id = rig.accept(aText(ALICE, { content: { type: 'text', body: 'a secret', linkPreview: false } }));
    await rig.clock.advance(5000);
    rig.engine.deliver(1, true);
    await rig.clock.advance(20);
    const told = rig.logged.filter((line) => line['message'] === id && Number(line['level']) >= 30);
    expect(told.map(({ msg }) => msg)).toEqual([
      'message accepted',
      'message moved',
      'message tried again',
      'message moved',
    ]);
    expect(told[2]).toMatchObject({ attempt: 2, reason: 'absent', lastOutcome: 'timeout' });
    expect(JSON.stringify(rig.logged)).not.toContain('secret');
    expect(JSON.stringify(told)).not.toContain(ALICE);
  });

  it('that the page lacks is held as unknown when the settings say so', async () => {
    const rig = started({ settings: { unproven: 'hold' } });
    rig.engine.script.push('leave_unstored');
    const id = rig.accept();
    await rig.clock.advance(5000);
    expect(rig.engine.world.handovers).toEqual([id]);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'unknown', outcome: { code: 'not_proven' } });
  });

  it('that was given up and is acknowledged after all becomes sent, and that is counted', async () => {
    const rig = started({ settings: { unproven: 'hold' } });
    rig.engine.script.push('leave_unstored');
    const id = rig.accept();
    await rig.clock.advance(5000);
    rig.engine.hint(ALICE, id, 1);
    await rig.clock.advance(20);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'sent', outcome: undefined });
    expect(rig.store.counters.total('correctedMessages')).toBe(1);
  });

  it('that is refused fails with the code', async () => {
    const rig = started();
    rig.engine.script.push('refuse');
    const id = rig.accept();
    await rig.clock.advance(1000);
    expect(rig.outbox.get(id)).toMatchObject({
      status: 'failed',
      outcome: { code: 'not_a_member', detail: 'the account has left the group' },
    });
  });

  it('to a number without account fails when the call said nothing', async () => {
    const rig = started();
    rig.engine.script.push('lose_no_result');
    rig.engine.world.unregistered.add('5511911111111');
    const id = rig.accept();
    await rig.clock.advance(1000);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'failed', outcome: { code: 'not_on_whatsapp' } });
  });

  it('that the page gives up on is handed over once more, and has failed then', async () => {
    const rig = started();
    rig.engine.script.push('insert_error', 'insert_error');
    const id = rig.accept();
    await rig.clock.advance(10_000);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'failed', outcome: { code: 'rejected_by_whatsapp' } });
    expect(rig.engine.world.handovers).toEqual([id, id]);
  });

  it('of which a hint says that the page gave up is asked for, not believed', async () => {
    const rig = started();
    const id = rig.accept();
    await rig.clock.advance(10);
    rig.engine.hint(ALICE, id, -1);
    await rig.clock.advance(5000);
    expect(rig.engine.world.handovers).toEqual([id]);
    expect(rig.status(id)).toBe('sending');
  });

  it('that nothing can be proven of ends as unknown after the allowed attempts', async () => {
    const rig = started({ settings: { maxAttempts: 3 } });
    rig.engine.script.push('lose', 'lose', 'lose');
    const id = rig.accept();
    await rig.clock.advance(60_000);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'unknown', outcome: { code: 'attempts_exhausted' } });
    expect(rig.engine.world.handovers).toHaveLength(3);
  });

  it('waits without cost for a session that is not connected, and expires unsent', async () => {
    const rig = unstarted({ settings: { expiresAfterMs: 60_000 } });
    rig.outbox.start();
    const id = rig.accept();
    await rig.clock.advance(59_000);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'queued', attempts: [] });
    await rig.clock.advance(2000);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'expired', attempts: [] });
  });

  it('without acknowledgement: socket, then browser, and unknown when its time is over', async () => {
    const rig = started({ settings: { expiresAfterMs: 600_000 } });
    const id = rig.accept();
    await rig.clock.advance(29_000);
    expect(rig.engine.nudges).toEqual([]);
    await rig.clock.advance(3000);
    expect(rig.engine.nudges).toEqual(['reconnect_socket']);
    await rig.clock.advance(100_000);
    expect(rig.engine.nudges).toEqual(['reconnect_socket', 'restart_engine']);
    await rig.clock.advance(500_000);
    expect(rig.engine.nudges).toEqual(['reconnect_socket', 'restart_engine']);
    expect(rig.outbox.get(id)).toMatchObject({ status: 'unknown', outcome: { code: 'expired' } });
    expect(rig.engine.world.handovers).toEqual([id]);
  });

  it('does not hold up others for ever when its acknowledgement stays away', async () => {
    const rig = started({ settings: { maxUnacknowledged: 1, expiresAfterMs: 3_600_000 } });
    rig.accept(aText(ALICE));
    const second = rig.accept(aText(BOB));
    await rig.clock.advance(1000);
    expect(rig.status(second)).toBe('queued');
    await rig.clock.advance(200_000);
    expect(rig.status(second)).toBe('sending');
  });

  it('of which the page says nothing for an ack timeout makes the page begin anew', async () => {
    const rig = started();
    rig.engine.script.push('lose');
    rig.engine.lookupsFail = true;
    const id = rig.accept();
    await rig.clock.advance(29_000);
    expect(rig.engine.nudges).toEqual([]);
    await rig.clock.advance(4000);
    expect(rig.engine.nudges).toEqual(['restart_engine']);
    expect(rig.engine.world.handovers).toEqual([id]);
    rig.engine.lookupsFail = false;
    await rig.clock.advance(5000);
    expect(rig.engine.world.handovers).toEqual([id, id]);
  });
});

describe('order', () => {
  it('within a chat: the next is handed over only once the page has the one before', async () => {
    const rig = started();
    rig.engine.script.push('lose');
    const ids = [rig.accept(), rig.accept(), rig.accept()];
    await rig.clock.advance(200);
    expect(rig.engine.world.handovers).toEqual([ids[0]]);
    await rig.clock.advance(5000);
    expect(rig.engine.world.handovers).toEqual([ids[0], ...ids]);
  });

  it('holds when a new page has lost what the old one had', async () => {
    const rig = started();
    const first = rig.accept();
    await rig.clock.advance(100);
    rig.engine.reload(() => true);
    const second = rig.accept();
    rig.engine.connect();
    await rig.clock.advance(5000);
    expect(rig.engine.world.handovers).toEqual([first, first, second]);
  });

  it('between chats: one that waits does not hold up the others', async () => {
    const rig = started();
    rig.engine.script.push('lose');
    rig.engine.lookupsFail = true;
    rig.accept(aText(ALICE));
    const other = rig.accept(aText(BOB));
    await rig.clock.advance(100);
    expect(rig.status(other)).toBe('sending');
  });

  it('between chats: one that floods does not starve the others', async () => {
    const rig = started({ settings: { ratePerMinute: 60 } });
    const flood = Array.from({ length: 50 }, () => rig.accept(aText(ALICE)));
    const [bob, carol] = [rig.accept(aText(BOB)), rig.accept(aText(CAROL))];
    await rig.clock.advance(5000);
    const { handovers } = rig.engine.world;
    expect(handovers.slice(0, 4)).toEqual([flood[0], bob, carol, flood[1]]);
  });
});

describe('pace', () => {
  it('never hands over more in any minute than the rate, over a restart too', async () => {
    const times: number[] = [];
    const rig = started({ settings: { ratePerMinute: 30 }, random: () => 0 });
    rig.engine.onSend = () => times.push(rig.clock.now());
    for (let n = 0; n < 100; n++) rig.accept(aText(n % 2 === 0 ? ALICE : BOB));
    await rig.clock.advance(65_000);
    const next = started({
      settings: { ratePerMinute: 30 },
      random: () => 0,
      folder: rig.kill(),
      world: rig.engine.world,
      now: rig.clock.now(),
    });
    next.engine.onSend = () => times.push(next.clock.now());
    await next.clock.advance(65_000);
    for (const [index, at] of times.entries()) {
      expect(times.slice(index).filter((time) => time < at + 60_000).length).toBeLessThanOrEqual(30);
    }
    expect(times.length).toBeGreaterThan(55);
  });

  it('asks the page at a bounded rate, however many messages are out', async () => {
    const rig = started({
      settings: { lookupsPerSecond: 10, maxUnacknowledged: 1000, ackTimeoutMs: 3_600_000 },
    });
    for (let n = 0; n < 300; n++) rig.accept(aText(`55119${10_000_000 + n}@c.us`));
    await rig.clock.advance(1000);
    rig.engine.reload();
    rig.engine.connect();
    const before = rig.engine.lookups;
    await rig.clock.advance(10_000);
    expect(rig.engine.lookups - before).toBeLessThanOrEqual(120);
    expect(rig.engine.lookups - before).toBeGreaterThan(80);
  }, 30_000);

  it('keeps at most so many messages without acknowledgement in the page', async () => {
    const rig = started({ settings: { maxUnacknowledged: 5 } });
    for (let n = 0; n < 20; n++) rig.accept(aText(n % 2 === 0 ? ALICE : BOB));
    await rig.clock.advance(1000);
    expect(rig.engine.world.handovers).toHaveLength(5);
    rig.engine.deliver(1, true);
    await rig.clock.advance(1000);
    expect(rig.engine.world.handovers).toHaveLength(10);
  });
});

describe('cancel', () => {
  it('takes back what is queued', async () => {
    const rig = started({ settings: { ratePerMinute: 1 } });
    rig.accept();
    const id = rig.accept();
    await rig.clock.advance(100);
    expect(rig.outbox.cancel(id).status).toBe('cancelled');
    expect(rig.outbox.cancel(id).status).toBe('cancelled');
    await rig.clock.advance(120_000);
    expect(rig.engine.world.handovers).not.toContain(id);
  });

  it('is refused once the message was handed over, or may have been', async () => {
    const rig = started();
    rig.engine.script.push('lose');
    const id = rig.accept();
    await rig.clock.advance(100);
    expect(() => rig.outbox.cancel(id)).toThrow(expect.objectContaining({ code: 'not_cancellable' }));
  });

  it('of what nobody knows is an error', () => {
    expect(() => started().outbox.cancel('3EB0')).toThrow(
      expect.objectContaining({ code: 'message_not_found' }),
    );
  });
});

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

describe('a crash', () => {
  it('after the commit of a message loses nothing', () => {
    const rig = unstarted();
    const id = rig.accept();
    const next = unstarted({ folder: rig.kill(), world: rig.engine.world });
    expect(next.status(id)).toBe('queued');
  });

  it.each([
    ['hang_inserted', 1],
    ['hang_lost', 2],
  ] as const)('during a call (%s) is resolved by asking', async (script, handovers) => {
    const rig = started();
    rig.engine.script.push(script);
    const id = rig.accept();
    await rig.clock.advance(100);
    const next = started({ folder: rig.kill(), world: rig.engine.world, now: rig.clock.now() });
    await next.clock.advance(5000);
    next.engine.deliver(1, true);
    await next.clock.advance(100);
    expect(next.outbox.get(id)).toMatchObject({
      status: 'sent',
      attempts: [{ outcome: 'interrupted' }, {}].slice(0, handovers),
    });
    expect(next.engine.world.handovers).toHaveLength(handovers);
  });
});

describe('a data folder that was restored from a copy', () => {
  it('with the mark: what was sent after the copy was made is asked for, and not sent again', async () => {
    const before = unstarted();
    const [sent, lost] = [before.accept(aText(ALICE)), before.accept(aText(BOB))];
    const copy = before.kill();
    const world = before.engine.world;
    world.stored.set(sent, { ack: 1, chatId: ALICE });
    writeFileSync(join(copy, 'restored'), '');
    const restored = started({ folder: copy, world });
    await restored.clock.advance(5000);
    expect(restored.status(sent)).toBe('sent');
    expect(world.handovers).toEqual([lost]);
    expect(existsSync(join(copy, 'restored'))).toBe(false);
  });
});

describe('an unlinked device', () => {
  it('leaves as unknown what may have been sent, and keeps what was not', async () => {
    const rig = started();
    const sending = rig.accept();
    await rig.clock.advance(100);
    rig.engine.move('LoggedOut', 'logged_out');
    const queued = rig.accept(aText(BOB));
    await rig.clock.advance(100);
    expect(rig.outbox.get(sending)).toMatchObject({ status: 'unknown', outcome: { code: 'logged_out' } });
    expect(rig.status(queued)).toBe('queued');
    rig.engine.connect();
    await rig.clock.advance(100);
    expect(rig.status(queued)).toBe('sending');
  });

  it('with another account linked after it: nothing leaves from the wrong number', async () => {
    const rig = started();
    await rig.clock.advance(10);
    rig.engine.move('LoggedOut', 'logged_out');
    const queued = rig.accept(aText(BOB));
    rig.engine.accountId = '5511999999999@c.us';
    rig.engine.connect();
    await rig.clock.advance(1000);
    expect(rig.outbox.get(queued)).toMatchObject({ status: 'failed', outcome: { code: 'account_changed' } });
    expect(rig.engine.world.handovers).toEqual([]);
    const next = rig.accept(aText(BOB));
    await rig.clock.advance(1000);
    expect(rig.status(next)).toBe('sending');
  });
});

describe('waiting', () => {
  it('ends with the state that was waited for', async () => {
    const rig = started();
    const id = rig.accept();
    const waiting = rig.outbox.wait(id, 'sent', 60_000);
    await rig.clock.advance(10);
    rig.engine.deliver(1, true);
    await rig.clock.advance(50);
    await expect(waiting).resolves.toMatchObject({ status: 'sent' });
    await expect(rig.outbox.wait(id, 'sent', 60_000)).resolves.toMatchObject({ status: 'sent' });
  });

  it('ends when the message does, at its timeout, when the client goes away, and at the shutdown', async () => {
    const rig = started();
    rig.engine.script.push('refuse', 'insert', 'insert', 'insert');
    const failed = rig.outbox.wait(rig.accept(aText(CAROL)), 'delivered', 60_000);
    const abort = new AbortController();
    const timed = rig.outbox.wait(rig.accept(), 'sent', 500);
    const aborted = rig.outbox.wait(rig.accept(), 'sent', 60_000, abort.signal);
    const released = rig.outbox.wait(rig.accept(), 'sent', 60_000);
    await rig.clock.advance(1000);
    await expect(failed).resolves.toMatchObject({ status: 'failed' });
    await expect(timed).resolves.toMatchObject({ status: 'sending' });
    abort.abort();
    await expect(aborted).resolves.toMatchObject({ status: 'sending' });
    await rig.outbox.drain(1000);
    await expect(released).resolves.toMatchObject({ status: 'sending' });
  });
});

describe('the shutdown', () => {
  it('finishes the call in flight and begins nothing new', async () => {
    const rig = started({ settings: { maxInFlight: 1 } });
    const id = rig.accept();
    const queued = rig.accept(aText(BOB));
    let drained: Promise<void> | undefined;
    rig.engine.onSend = () => {
      drained ??= rig.outbox.drain(5000);
    };
    await rig.clock.advance(1000);
    await drained;
    expect(rig.outbox.get(id)).toMatchObject({ attempts: [{ outcome: 'inserted' }] });
    expect(rig.outbox.get(queued)).toMatchObject({ status: 'queued', attempts: [] });
  });

  it('does not wait longer than it may for a call that hangs', async () => {
    const rig = started();
    rig.engine.script.push('hang_lost');
    rig.accept();
    await rig.clock.advance(10);
    const drained = rig.outbox.drain(2000);
    await rig.clock.advance(2500);
    await drained;
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
