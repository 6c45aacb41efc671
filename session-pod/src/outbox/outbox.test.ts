import { describe, expect, it } from 'vitest';
import { ALICE, aText, BOB } from './testing/outbox-rig.ts';
import { started, unstarted } from './testing/rigs.ts';

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
