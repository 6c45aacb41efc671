import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALICE, aText, BOB, CAROL } from './testing/outbox-rig.ts';
import { started, unstarted } from './testing/rigs.ts';

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
