import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../sandbox/src/ledger/entry.ts';
import { ackLine, judge, timedLine } from './report.ts';

const entry = (kind: LedgerEntry['kind'], detail: string | null, seq = 0): LedgerEntry => ({
  seq,
  at: 0,
  account: '491510000001',
  chat: '4915700000000@c.us',
  kind,
  id: `id of ${detail} ${seq}`,
  device: null,
  detail,
});
const delivered = (...texts: readonly string[]) =>
  texts.map((text, index) => entry('delivered', text, index));

describe('a line of the demo', () => {
  it('begins with the time, and further lines stand below the first', () => {
    expect(timedLine(1234, 'one\ntwo')).toBe('  1.2 s  one\n         two');
  });

  it('shows the acks of a message in the order in which they came', () => {
    const acks = [
      { ack: 2, ms: 40.4 },
      { ack: 1, ms: 50 },
      { ack: -1, ms: 60 },
      { ack: 7, ms: 70 },
    ];
    expect(ackLine('hello', acks)).toBe(
      'hello: delivered +40 ms, server +50 ms, refused +60 ms, ack 7 +70 ms',
    );
    expect(ackLine('hello', [])).toBe('hello: no ack came');
  });
});

describe('the verdict', () => {
  it('is clean when each text arrived once, in order, however often it was handed over', () => {
    const ledger = [entry('submitted', 'a'), entry('submitted', 'a'), entry('deduplicated', null)];
    expect(judge(['a', 'b'], [...ledger, ...delivered('a', 'b')])).toEqual({
      clean: true,
      lines: [
        'handed to the server 2 times, of which it knew 1 already and refused 0',
        'sent 2, reached the recipient 2: lost 0, doubled 0, never sent 0, out of order 0',
      ],
    });
  });

  it.each([
    { what: 'a loss', got: ['a', 'c'], says: ['lost 1, doubled 0', '  lost: b'] },
    {
      what: 'a double under another id',
      got: ['a', 'b', 'b', 'c'],
      says: ['lost 0, doubled 1', '  doubled: b'],
    },
    { what: 'a moved message', got: ['b', 'c', 'a'], says: ['out of order 1', '  out of order: a'] },
    { what: 'a foreign message', got: ['a', 'b', 'c', 'd'], says: ['never sent 1', '  never sent: d'] },
    { what: 'silence', got: [], says: ['lost 3'] },
  ])('is not clean with $what, and names it', ({ got, says }) => {
    const verdict = judge(['a', 'b', 'c'], delivered(...got));
    expect(verdict.clean).toBe(false);
    for (const words of says) expect(verdict.lines.join('\n')).toContain(words);
  });
});
