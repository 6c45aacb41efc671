import { expect, it, vi } from 'vitest';
import { ALICE, aText, BOB, type OutboxRig } from './testing/outbox-rig.ts';
import { started } from './testing/rigs.ts';

/**
 * How often the disk is waited for: every commit holds up the one thread, and with it whoever wants a message
 * accepted meanwhile.
 */
async function commitsWithin(rig: OutboxRig, ms: number): Promise<number> {
  const transaction = vi.spyOn(rig.store.database, 'transaction');
  await rig.clock.advance(ms);
  const { length } = transaction.mock.calls;
  transaction.mockRestore();
  return length;
}

it('asking again and again for an acknowledgement that stays away writes nothing', async () => {
  const rig = started({ settings: { ackTimeoutMs: 60_000 } });
  for (let count = 0; count < 20; count++) rig.accept(aText(count % 2 === 0 ? ALICE : BOB));
  await rig.clock.advance(2_000);
  const asked = rig.engine.lookups;
  expect(await commitsWithin(rig, 20_000)).toBe(0);
  expect(rig.engine.lookups - asked).toBeGreaterThan(20);
});

it('what the page says of many messages that have left is written together', async () => {
  const rig = started();
  for (let count = 0; count < 20; count++) rig.accept(aText(count % 2 === 0 ? ALICE : BOB));
  await rig.clock.advance(100);
  rig.engine.deliver(1, true);
  await rig.clock.advance(100);
  const asked = rig.engine.lookups;
  const commits = await commitsWithin(rig, 35_000);
  const questions = rig.engine.lookups - asked;
  expect(questions).toBeGreaterThanOrEqual(20);
  expect(commits).toBeLessThanOrEqual(questions / 4);
  rig.engine.deliver(3, false);
  await rig.clock.advance(60_000);
  expect(rig.outbox.stats().byStatus.read).toBe(20);
});
