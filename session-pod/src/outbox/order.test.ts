import { describe, expect, it } from 'vitest';
import { ALICE, aText, BOB, CAROL } from './testing/outbox-rig.ts';
import { started } from './testing/rigs.ts';

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
