import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALICE, aText, BOB, CAROL, OutboxRig } from './testing/outbox-rig.ts';
import { started } from './testing/rigs.ts';
import type { SendScript } from './testing/scripted-engine.ts';

/** Nothing that may be sent waits for anything but the pace: no look by the way has to find it. */

/** Far less than the vigil's 500 ms between two looks, which would hide a wake-up that was lost. */
const AT_ONCE_MS = 20;

/** Lets time pass until just after one of the vigil's looks, so that the next is as far as it can be. */
const afterLook = (rig: OutboxRig) => rig.clock.advance(510);

async function isHandedOver(rig: OutboxRig, ...ids: readonly string[]): Promise<void> {
  await rig.clock.advance(AT_ONCE_MS);
  expect(rig.engine.world.handovers).toEqual(ids);
}

describe('a message leaves at once', () => {
  it('when it is accepted while connected', async () => {
    const rig = started();
    await afterLook(rig);
    await isHandedOver(rig, rig.accept());
  });

  it('when the session becomes Connected', async () => {
    const rig = started();
    rig.engine.reload();
    await afterLook(rig);
    const id = rig.accept();
    rig.engine.connect();
    await isHandedOver(rig, id);
  });

  it('when it is accepted while those who listen are being told of Connected', async () => {
    const rig = started();
    rig.engine.reload();
    await afterLook(rig);
    const ids: string[] = [];
    rig.engine.on({ transition: ({ to }) => void (to === 'Connected' && ids.push(rig.accept())) });
    rig.engine.connect();
    await rig.clock.advance(AT_ONCE_MS);
    expect(rig.engine.world.handovers).toEqual(ids);
    expect(ids).toHaveLength(1);
  });

  it('when the one before it in its chat has lost its file', async () => {
    const rig = started({ settings: { ratePerMinute: 60 } });
    const { digest, release } = await rig.media.stage(Buffer.from('some bytes'));
    const other = rig.accept(aText(BOB));
    const first = rig.accept(
      aText(ALICE, {
        content: { type: 'document', digest, mimetype: 'text/plain', filename: 'a.txt', caption: undefined },
      }),
    );
    const second = rig.accept();
    release();
    rmSync(rig.media.pathOf(digest));
    await rig.clock.advance(1_250 + AT_ONCE_MS);
    expect(rig.status(first)).toBe('failed');
    expect(rig.engine.world.handovers).toEqual([other, second]);
  });

  it('when the one before it was cancelled', async () => {
    const rig = started({ settings: { ratePerMinute: 60 } });
    const [other, first, second] = [rig.accept(aText(BOB)), rig.accept(), rig.accept()];
    await rig.clock.advance(AT_ONCE_MS);
    rig.outbox.cancel(first);
    await rig.clock.advance(1_250);
    expect(rig.engine.world.handovers).toEqual([other, second]);
  });

  it('when the pace allows it, and not later', async () => {
    const rig = started({ settings: { ratePerMinute: 60 } });
    const [first, second] = [rig.accept(), rig.accept(aText(BOB))];
    await rig.clock.advance(1_249);
    expect(rig.engine.world.handovers).toEqual([first]);
    await isHandedOver(rig, first, second);
  });

  it('when the page answers again after having been unavailable', async () => {
    const rig = started();
    rig.engine.script.push('lose');
    rig.engine.lookupsFail = true;
    const id = rig.accept();
    await rig.clock.advance(5_000);
    rig.engine.lookupsFail = false;
    // Asked once a second.
    await rig.clock.advance(1_000 + AT_ONCE_MS);
    expect(rig.engine.world.handovers).toEqual([id, id]);
  });
});

describe('a clock that was set back', () => {
  it('does not hold up what was handed over by the later time', async () => {
    const before = started({ settings: { ratePerMinute: 60 }, now: 1_700_003_600_000 });
    before.accept();
    await before.clock.advance(AT_ONCE_MS);
    const folder = before.kill();
    const rig = started({ settings: { ratePerMinute: 60 }, folder, now: 1_700_000_000_000 });
    const id = rig.accept(aText(BOB));
    await rig.clock.advance(3_000);
    expect(rig.engine.world.handovers).toContain(id);
  });

  it('does not prolong a backoff beyond the longest', async () => {
    const before = started({ now: 1_700_003_600_000 });
    before.engine.script.push('not_begun');
    const id = before.accept();
    await before.clock.advance(AT_ONCE_MS);
    expect(before.outbox.get(id)?.nextAttemptAt).toBeGreaterThan(1_700_003_600_000);
    const folder = before.kill();
    const rig = started({ settings: { backoffMaxMs: 5_000 }, folder, now: 1_700_000_000_000 });
    await rig.clock.advance(5_000 + AT_ONCE_MS);
    expect(rig.engine.world.handovers).toEqual([id]);
  });
});

const CHATS = [ALICE, BOB, CAROL];
const outcome = fc.constantFrom<SendScript>('insert', 'refuse', 'not_begun', 'lose', 'insert_untold');

it('whatever calls come to, the queue is through as soon as pace, backoff and the page’s answers allow', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ chat: fc.constantFrom(...CHATS), outcome }), { minLength: 1, maxLength: 12 }),
      async (plan) => {
        const rig = OutboxRig.running({ settings: { backoffBaseMs: 10, backoffMaxMs: 10 } });
        try {
          await afterLook(rig);
          rig.engine.script.push(...plan.map((step) => step.outcome));
          const ids = plan.map(({ chat }) => rig.accept(aText(chat)));
          // Every call costs at most one backoff, and nothing else takes time in this world.
          await rig.clock.advance(plan.length * 15 + AT_ONCE_MS);
          const idle = ids.filter((id) => rig.status(id) === 'queued');
          expect(idle).toEqual([]);
        } finally {
          rig.dispose();
        }
      },
    ),
    { numRuns: 30 },
  );
}, 60_000);
