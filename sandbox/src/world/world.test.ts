import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FaultRegistry } from '../faults/registry.ts';
import { auditLedger, isSound } from '../ledger/compare.ts';
import { seededRandom } from '../random.ts';
import { openDatabase } from '../store/database.ts';
import type { OriginatedEntry } from '../store/feed.ts';
import { timingSchema } from '../timing.ts';
import type { Outgoing } from '../wire.ts';
import { createWorld } from './world.ts';

const NUMBER = '4915110000001';
const OTHER = '4915110000002';
const FRIEND = '4915700000000@c.us';

let folder: string;

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'sandbox-world-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function openWorld() {
  const database = openDatabase(folder);
  const fed: { account: string; entry: OriginatedEntry }[] = [];
  const sent: string[] = [];
  const world = createWorld({
    database,
    faults: new FaultRegistry('faults', Date.now),
    random: seededRandom('world'),
    now: Date.now,
    timing: () => timingSchema.parse({}),
    listener: {
      onFeed: (account, entry) => fed.push({ account, entry }),
      onSent: (_account, _chat, id) => sent.push(id),
    },
  });
  const close = () => {
    world.traffic.stop();
    database.close();
  };
  return { world, fed, sent, close };
}

const text = (id: string, chat = FRIEND): Outgoing => ({
  id,
  chat,
  t: 1,
  content: { kind: 'text', body: `text ${id}` },
});

function linked(world: ReturnType<typeof openWorld>['world'], number: string): string {
  world.people.createAccount({ number, autoLink: false, contacts: 0 });
  return world.accounts.link(number, 'test', 0, 0).id;
}

const kinds = (world: ReturnType<typeof openWorld>['world'], account = NUMBER) =>
  [...world.ledger.read({ account })].map(({ kind, id }) => `${kind} ${id}`);

test('an accepted message is delivered at once, acknowledged in time, and read in the end', () => {
  const { world, sent, fed, close } = openWorld();
  const device = linked(world, NUMBER);
  expect(world.traffic.submit(NUMBER, device, text('A'))).toEqual({ kind: 'accept' });
  expect(kinds(world)).toEqual(['submitted A', 'accepted A', 'delivered A']);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(sent).toEqual(['A']);
  expect(world.messages.get(NUMBER, FRIEND, 'A').ack).toBe(3);
  expect(fed.map(({ entry }) => entry.item.kind)).toEqual(['message', 'receipt', 'receipt']);
  close();
});

test('acks that a stopped sandbox owed come after its restart; ledger and world survive', () => {
  const first = openWorld();
  const device = linked(first.world, NUMBER);
  first.world.traffic.submit(NUMBER, device, text('A'));
  first.close();

  const second = openWorld();
  expect(kinds(second.world)).toEqual(['submitted A', 'accepted A', 'delivered A']);
  expect(second.world.accounts.device(device)?.account).toBe(NUMBER);
  second.world.traffic.resume();
  vi.advanceTimersByTime(1_000);
  expect(second.sent).toEqual(['A']);
  expect(second.world.messages.get(NUMBER, FRIEND, 'A').ack).toBe(3);
  second.close();
});

test('a device that acknowledges the feed is recorded once per message, however often it says so', () => {
  const { world, close } = openWorld();
  const device = linked(world, NUMBER);
  const { id } = world.traffic.inject(NUMBER, { chat: FRIEND, content: { kind: 'text', body: 'hi' } });
  world.traffic.received(NUMBER, device, 1);
  world.traffic.received(NUMBER, device, 1);
  expect(kinds(world)).toEqual([`injected ${id}`, `received ${id}`]);
  close();
});

test('a message to another account of the sandbox arrives there, with edits and revokes behind it', () => {
  const { world, fed, close } = openWorld();
  const device = linked(world, NUMBER);
  linked(world, OTHER);
  const chat = `${OTHER}@c.us`;
  world.traffic.submit(NUMBER, device, text('A', chat));
  const target = { account: NUMBER, chat, id: 'A', by: `${NUMBER}@c.us`, device };
  world.changes.edit(target, 'edited');
  world.changes.revoke(target);
  const told = fed.filter(({ account }) => account === OTHER).map(({ entry }) => entry.item);
  expect(told.map(({ kind }) => kind)).toEqual(['message', 'edit', 'revoke']);
  expect(told[0]).toMatchObject({ message: { chat: `${NUMBER}@c.us`, fromMe: false, id: 'A' } });
  expect(world.messages.get(OTHER, `${NUMBER}@c.us`, 'A')).toMatchObject({ revoked: true });
  close();
});

test.for([
  ['written on a phone', NUMBER, `${OTHER}@c.us`, false],
  ["written in the other's name", NUMBER, `${OTHER}@c.us`, true],
] as const)(
  'a message %s to another account of the sandbox is in both phones',
  ([, number, chat, byOther]) => {
    const { world, fed, close } = openWorld();
    linked(world, NUMBER);
    linked(world, OTHER);
    const author = byOther ? chat : `${number}@c.us`;
    const { id } = world.traffic.inject(number, { chat, author, content: { kind: 'text', body: 'hi' } });
    const copy = world.messages.get(OTHER, `${NUMBER}@c.us`, id);
    expect(copy).toMatchObject({ author, fromMe: byOther, ack: byOther ? 2 : 1 });
    expect(fed.map(({ account }) => account)).toEqual([NUMBER, OTHER]);
    expect(kinds(world, OTHER)).toEqual([`injected ${id}`]);
    close();
  },
);

test('a group message reaches every account in the group and nobody else', () => {
  const { world, fed, close } = openWorld();
  const device = linked(world, NUMBER);
  linked(world, OTHER);
  const group = world.people.createGroup(`${NUMBER}@c.us`, 'Crew', [`${OTHER}@c.us`, FRIEND], device);
  expect(world.traffic.submit(NUMBER, device, text('A', group.jid)).kind).toBe('accept');
  expect(fed.filter(({ account }) => account === OTHER).map(({ entry }) => entry.item.kind)).toEqual([
    'group',
    'message',
  ]);
  const foreign = world.people.createGroup(FRIEND, 'Not ours', [], null);
  expect(world.traffic.submit(NUMBER, device, text('B', foreign.jid))).toEqual({
    kind: 'refuse',
    code: '403',
  });
  close();
});

test('a vote for an option that the poll does not have is refused and changes nothing', () => {
  const { world, close } = openWorld();
  linked(world, NUMBER);
  const content = { kind: 'poll', name: 'q', options: ['a', 'b'], selectable: 1 } as const;
  const { id } = world.traffic.inject(NUMBER, { chat: FRIEND, content });
  const target = { account: NUMBER, chat: FRIEND, id, by: FRIEND, device: null };
  expect(() => world.changes.vote(target, [2])).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
  expect(world.messages.get(NUMBER, FRIEND, id).votes).toBeUndefined();
  close();
});

test('planted loss and duplicate are found by the audit of the same ledger', () => {
  const { world, close } = openWorld();
  const device = linked(world, NUMBER);
  world.traffic.submit(NUMBER, device, text('A'));
  const audit = () => auditLedger([...world.ledger.read({ account: NUMBER })]).outbound;
  expect(isSound(audit())).toBe(true);
  const losing = world.faults.add(NUMBER, { kind: 'lose-deliveries', probability: 1 }, null);
  world.traffic.submit(NUMBER, device, text('B'));
  world.faults.clear(losing.id);
  world.faults.add(NUMBER, { kind: 'duplicate-deliveries', probability: 1 }, null);
  world.traffic.submit(NUMBER, device, text('C'));
  expect(audit().lost.map(({ key }) => key)).toEqual(['B']);
  expect(audit().duplicated.map(({ key }) => key)).toEqual(['C']);
  close();
});
