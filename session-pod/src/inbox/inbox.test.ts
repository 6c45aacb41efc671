import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { settle } from '../outbox/testing/virtual-clock.ts';
import { InboxRig } from './testing/inbox-rig.ts';
import { aMessage } from './testing/scripted-page.ts';

const ALICE = '5511911111111@c.us';
const BOB = '5511922222222@c.us';

const rigs: InboxRig[] = [];
function aRig(settings: ConstructorParameters<typeof InboxRig>[0] = {}): InboxRig {
  const rig = new InboxRig(settings);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.dispose();
});

const words = (rig: InboxRig) => rig.story().join(', ');

it('reads what came while nobody listened, in order, however much it is', async () => {
  const rig = aRig();
  for (let n = 1; n <= 150; n++) rig.page.add(aMessage(ALICE, n));
  await rig.connect();
  expect(rig.story()).toEqual(Array.from({ length: 150 }, (_, n) => `message M${n + 1}`));
});

it('a hint brings the message that it tells of, after those that were not told of', async () => {
  const rig = aRig();
  await rig.connect();
  rig.page.add(aMessage(ALICE, 1));
  const second = aMessage(ALICE, 2);
  rig.page.add(second);
  rig.engine.tellMessage(second);
  await rig.quiet();
  expect(words(rig)).toBe('message M1, message M2');
});

it('a hint whose message history does not show is written all the same, once', async () => {
  const rig = aRig();
  await rig.connect();
  const message = aMessage(ALICE, 1);
  rig.engine.tellMessage(message);
  rig.engine.tellMessage(message);
  await rig.quiet();
  rig.page.add(message);
  rig.page.add(aMessage(ALICE, 2));
  await rig.clock.advance(120_000);
  await rig.quiet();
  expect(words(rig)).toBe('message M1, message M2');
});

it('without any hint, the periodic comparison finds it', async () => {
  const rig = aRig();
  await rig.connect();
  rig.page.add(aMessage(ALICE, 1));
  await rig.clock.advance(61_000);
  await rig.quiet();
  expect(words(rig)).toBe('message M1');
});

it('edits, deletions, reactions and acks from while it was away are found after the next start', async () => {
  const rig = aRig();
  const own = aMessage(BOB, 9, { fromMe: true });
  for (const message of [aMessage(ALICE, 1), aMessage(ALICE, 2), aMessage(ALICE, 3), own])
    rig.page.add(message);
  await rig.connect();
  await rig.crash();
  rig.page.change(`false_${ALICE}_M1`, { body: 'better', editedAt: 1_700_000_050_000 });
  rig.page.change(`false_${ALICE}_M2`, { revoked: true, type: 'revoked', body: '' });
  rig.page.change(`false_${ALICE}_M3`, { reactions: [{ sender: ALICE, emoji: '👍', at: 5 }] });
  rig.page.change(own.id, { ack: 3 });
  await rig.connect();
  expect(rig.story().slice(4).sort()).toEqual(
    ['message.edited M1', 'message.revoked M2', 'message.reaction M3', 'message.ack M9'].sort(),
  );
});

it('a change of a message that is not in the log yet comes after the message, and that in its place', async () => {
  const rig = aRig();
  await rig.connect();
  rig.page.add(aMessage(ALICE, 1));
  const edited = aMessage(ALICE, 2, { editedAt: 1_700_000_050_000 });
  rig.page.add(edited);
  rig.page.hint({ kind: 'changed', chatId: ALICE, messageId: edited.id });
  await rig.quiet();
  expect(words(rig)).toBe('message M1, message M2, message.edited M2');
});

it('history from before linking stays out unless a setting says otherwise', async () => {
  const rig = aRig({ historyMs: 0 });
  rig.page.add(aMessage(ALICE, 1));
  rig.page.add(aMessage(ALICE, 200));
  await rig.connect();
  rig.page.add(aMessage(ALICE, 201));
  await rig.clock.advance(61_000);
  await rig.quiet();
  expect(words(rig)).toBe('message M200, message M201');
});

it('what the API sent is not told of, its acks are', async () => {
  const rig = aRig();
  await rig.connect();
  rig.ours.add('M1');
  const sent = aMessage(ALICE, 1, { fromMe: true, ack: 0 });
  rig.page.add(sent);
  rig.page.change(sent.id, { ack: 1 });
  rig.engine.tellAck(sent.id, 1);
  await rig.quiet();
  expect(words(rig)).toBe('message.ack M1');
});

it('a page that fails costs time and nothing else', async () => {
  const rig = aRig();
  for (let n = 1; n <= 30; n++) rig.page.add(aMessage(ALICE, n));
  rig.page.failures = 5;
  await rig.connect();
  for (let second = 0; second < 10; second++) {
    await rig.clock.advance(1100);
    await rig.quiet();
  }
  expect(rig.story().length).toBe(30);
  expect(rig.fatal).toEqual([]);
});

it('on a nearly full volume what comes in stays where it is, and is read once there is room', async () => {
  const rig = aRig();
  await rig.connect();
  rig.free = 1000;
  const message = aMessage(ALICE, 1);
  rig.page.add(message);
  rig.engine.tellMessage(message);
  await rig.quiet();
  expect([words(rig), rig.inbox.stats().writing]).toEqual(['', false]);
  rig.free = 2 ** 30;
  await rig.clock.advance(2000);
  await rig.quiet();
  expect([words(rig), rig.inbox.stats().writing]).toEqual(['message M1', true]);
});

it('one flooded chat does not hold up another', async () => {
  const rig = aRig();
  await rig.connect();
  for (let n = 1; n <= 500; n++) {
    const message = aMessage(ALICE, n);
    rig.page.add(message);
    rig.engine.tellMessage(message);
  }
  const other = aMessage(BOB, 1);
  rig.page.add(other);
  rig.engine.tellMessage(other);
  const before = rig.page.questions;
  await rig.quiet();
  expect(rig.story().length).toBe(501);
  // Read in a handful of pages, not message by message.
  expect(rig.page.questions - before).toBeLessThan(30);
});

it('every change of the session is an event, also of one that was never connected', async () => {
  const rig = aRig();
  rig.engine.become('Pairing');
  await rig.connect();
  rig.engine.become('Disconnected', 'socket_lost');
  const states = rig.events().map(({ type, payload }) => `${type} ${payload['state']} ${payload['status']}`);
  expect(states).toEqual([
    'session.status Pairing SCAN_QR_CODE',
    'session.status Connected WORKING',
    'session.status Disconnected STARTING',
  ]);
});

it('a call is told once', async () => {
  const rig = aRig();
  await rig.connect();
  const call = { id: 'C1', from: ALICE, isVideo: false, isGroup: false, timestamp: rig.clock.now() };
  rig.page.hint({ kind: 'call', call });
  rig.page.hint({ kind: 'call', call });
  expect(words(rig)).toBe('call.received ');
});

it('another account begins anew, and its messages are its own', async () => {
  const rig = aRig();
  const group = '120363025246125486@g.us';
  const shared = aMessage(group, 1);
  rig.page.add(shared);
  await rig.connect();
  rig.engine.become('Pairing');
  rig.engine.linkAs('491510000002@c.us');
  await rig.quiet();
  expect(words(rig)).toBe('message M1, message M1');
});

it('the log is bounded: what is pruned is not taken for new again', async () => {
  const rig = aRig({ retentionMs: 60_000, maxBytes: 2 ** 30 });
  for (let n = 1; n <= 40; n++) rig.page.add(aMessage(ALICE, n));
  await rig.connect();
  await rig.clock.advance(200_000);
  await rig.quiet();
  expect(rig.inbox.bounds).toMatchObject({ first: 42, last: 41 });
  await rig.crash();
  await rig.connect();
  expect(words(rig)).toBe('');
  expect(rig.inbox.read({ after: 5, limit: 10, types: undefined }).gap).toEqual({ first: 6, last: 41 });
});

it('a full log drops the oldest, and its size stays below the limit', async () => {
  const rig = aRig({ maxBytes: 20_000 });
  for (let n = 1; n <= 200; n++) rig.page.add(aMessage(ALICE, n));
  await rig.connect();
  await rig.clock.advance(60_000);
  expect(rig.inbox.bounds.bytes).toBeLessThanOrEqual(20_000);
  expect(rig.inbox.bounds.last).toBe(201);
  expect(rig.events().at(-1)?.message).toBe(`false_${ALICE}_M200`);
});

it('a restored folder begins another log, so that its ids are not taken for those told before', async () => {
  const rig = aRig();
  const before = rig.inbox.logId;
  writeFileSync(join(rig.folder, 'restored'), '');
  await rig.crash();
  expect(rig.inbox.logId).not.toBe(before);
});

it('a reader that waits is told at the next event', async () => {
  const rig = aRig();
  await rig.connect();
  const { last } = rig.inbox.bounds;
  const waiting = rig.inbox.wait(last, 60_000, new AbortController().signal);
  await settle();
  rig.engine.become('Disconnected', 'socket_lost');
  expect(await waiting).toBe(true);
  expect(rig.inbox.read({ after: last, limit: 1, types: undefined }).events.length).toBe(1);
});

it('a full log tells of the events that a webhook has not got: by an event, a count, and never silently', async () => {
  const rig = aRig({ maxBytes: 20_000 });
  await rig.crash({ doneWith: () => 10, pruned: () => undefined });
  for (let n = 1; n <= 200; n++) rig.page.add(aMessage(ALICE, n));
  await rig.connect();
  await rig.clock.advance(60_000);
  const gaps = rig.events().filter(({ type }) => type === 'gap');
  expect(gaps.length).toBeGreaterThan(0);
  const { first } = rig.inbox.bounds;
  expect(gaps.at(-1)?.payload).toMatchObject({ cause: 'retention', lastEvent: first - 1 });
  // Everything behind the tenth was still needed.
  expect(rig.store.counters.total('eventsLost')).toBe(first - 1 - 10);
});

it('a clock that is ahead when the account is linked loses nothing that is told of', async () => {
  const rig = aRig({ historyMs: 0 });
  await rig.connect();
  const now = (rig.clock.now() - 1_700_000_000_000) / 1000;
  const behind = aMessage(ALICE, now - 120);
  rig.page.add(behind);
  rig.engine.tellMessage(behind);
  await rig.quiet();
  expect(rig.story().length).toBe(1);
});

it('what is too old to be remembered is forgotten, and not taken for new', async () => {
  const rig = aRig({ memoryMs: 1000, retentionMs: 1000 });
  for (let n = 1; n <= 600; n++) rig.page.add(aMessage(ALICE, n - 600));
  await rig.connect();
  await rig.clock.advance(100_000);
  await rig.quiet();
  const count = rig.store.database.prepare('SELECT count(*) AS n FROM known_messages').get()?.['n'];
  expect([count, rig.story()]).toEqual([0, []]);
  await rig.crash();
  await rig.connect();
  expect(rig.story()).toEqual([]);
});
