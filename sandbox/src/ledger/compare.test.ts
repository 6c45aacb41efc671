import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditLedger, compareLedgers, compareSightings, isSound, type Sighting } from './compare.ts';
import type { LedgerEntry, LedgerKind } from './entry.ts';
import { fromNdjson, toNdjson } from './ledger.ts';

const inChat = (chat: string, keys: string): readonly Sighting[] => [...keys].map((key) => ({ chat, key }));

test.for([
  ['abc', 'abc', { lost: '', duplicated: '', unexpected: '', reordered: '' }],
  ['abc', 'ac', { lost: 'b', duplicated: '', unexpected: '', reordered: '' }],
  ['abc', 'abbc', { lost: '', duplicated: 'b', unexpected: '', reordered: '' }],
  ['abc', 'abcb', { lost: '', duplicated: 'b', unexpected: '', reordered: '' }],
  ['abc', 'acb', { lost: '', duplicated: '', unexpected: '', reordered: 'c' }],
  ['abcde', 'eabcd', { lost: '', duplicated: '', unexpected: '', reordered: 'e' }],
  ['abc', 'abxc', { lost: '', duplicated: '', unexpected: 'x', reordered: '' }],
  ['abb', 'abb', { lost: '', duplicated: '', unexpected: '', reordered: '' }],
  ['abb', 'ab', { lost: 'b', duplicated: '', unexpected: '', reordered: '' }],
  ['', '', { lost: '', duplicated: '', unexpected: '', reordered: '' }],
] as const)('expected %s, seen %s', ([expected, seen, found]) => {
  const comparison = compareSightings(inChat('chat', expected), inChat('chat', seen));
  const keys = (list: readonly Sighting[]) => list.map(({ key }) => key).join('');
  expect({
    lost: keys(comparison.lost),
    duplicated: keys(comparison.duplicated),
    unexpected: keys(comparison.unexpected),
    reordered: keys(comparison.reordered),
  }).toEqual(found);
});

test('order counts within a chat and not between chats', () => {
  const expected = [...inChat('one', 'a'), ...inChat('two', 'b')];
  expect(isSound(compareSightings(expected, expected.toReversed()))).toBe(true);
});

const distinctKeys = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 30 });

test('whatever the messages: one left out is lost, one repeated is duplicated, two exchanged are reordered', () => {
  fc.assert(
    fc.property(distinctKeys, fc.nat(), (keys, at) => {
      const all = keys.map((key) => ({ chat: 'chat', key }));
      const index = at % all.length;
      const chosen = all[index];
      if (chosen === undefined) return false;
      const without = compareSightings(all, all.toSpliced(index, 1));
      const twice = compareSightings(all, [...all, chosen]);
      const next = (index + 1) % all.length;
      const other = all[next];
      if (other === undefined) return false;
      const exchanged = compareSightings(all, all.with(index, other).with(next, chosen));
      return (
        without.lost.length === 1 &&
        without.lost[0]?.key === chosen.key &&
        twice.duplicated.length === 1 &&
        twice.reordered.length === 0 &&
        exchanged.reordered.length >= 1 &&
        exchanged.lost.length === 0
      );
    }),
  );
});

let seq = 0;
const entry = (kind: LedgerKind, id: string, detail = `text ${id}`): LedgerEntry => ({
  seq: ++seq,
  at: 1_000 + seq,
  account: '4915110000001',
  chat: '4915700000000@c.us',
  kind,
  id,
  device: null,
  detail,
});

test('a retry under a new id is sound by id, and a duplicate by text', () => {
  const expected = [entry('delivered', 'A', 'same words')];
  const seen = [entry('delivered', 'A', 'same words'), entry('delivered', 'B', 'same words')];
  expect(compareLedgers(expected, seen, 'text').duplicated).toHaveLength(1);
  expect(compareLedgers(expected, seen, 'id').unexpected.map(({ key }) => key)).toEqual(['B']);
});

test('an inbound message that no device acknowledged is lost; one refused outbound is not', () => {
  const audit = auditLedger([entry('injected', 'A'), entry('submitted', 'B'), entry('refused', 'B', '500')]);
  expect(audit.inbound.lost.map(({ key }) => key)).toEqual(['A']);
  expect(isSound(audit.outbound)).toBe(true);
});

test('a ledger survives being written as lines and read back; a broken line is named', () => {
  const entries = [entry('submitted', 'A', 'two\nlines'), entry('accepted', 'A')];
  const text = [...toNdjson(entries)].join('');
  expect(fromNdjson(text)).toEqual(entries);
  expect(() => fromNdjson(`${text}{"seq":1}\n`)).toThrow('line 3');
});
