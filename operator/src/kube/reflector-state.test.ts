import { describe, expect, it } from 'vitest';
import type { Pod } from './pod.ts';
import { fruitlessLimit, nextState, type ReflectorInput, type ReflectorState } from './reflector-state.ts';
import { livePod } from './testing/objects.ts';

type State = ReflectorState<Pod>;
type Input = ReflectorInput<Pod>;

const a = livePod('a');
const b = livePod('b');
const page = (continueToken: string | undefined, ...objects: (typeof a)[]): Input => ({
  kind: 'page',
  objects,
  resourceVersion: '5',
  continueToken,
});
const empty: State = { kind: 'Empty' };
const paging: State = { kind: 'InitPage', continueToken: 'more', objects: [a] };
const listed: State = { kind: 'InitListed', resourceVersion: '5', objects: [a, b] };
const watching = (resourceVersion: string, fruitless = 0): State => ({
  kind: 'Watching',
  resourceVersion,
  fruitless,
});

const rows: readonly {
  readonly what: string;
  readonly from: State;
  readonly input: Input;
  readonly to: State;
}[] = [
  { what: 'a first page of several', from: empty, input: page('more', a), to: paging },
  { what: 'the last page', from: paging, input: page(undefined, b), to: listed },
  { what: 'an only page', from: empty, input: page(undefined, a, b), to: listed },
  { what: 'an expired token', from: paging, input: { kind: 'expired' }, to: empty },
  { what: 'a refused page', from: paging, input: { kind: 'broken' }, to: empty },
  { what: 'the list in the store', from: listed, input: { kind: 'stored' }, to: watching('5') },
  {
    what: 'progress',
    from: watching('5', 3),
    input: { kind: 'progress', resourceVersion: '6' },
    to: watching('6'),
  },
  { what: 'a broken watch', from: watching('5'), input: { kind: 'broken' }, to: watching('5', 1) },
  {
    what: 'one broken watch too many',
    from: watching('5', fruitlessLimit - 1),
    input: { kind: 'broken' },
    to: empty,
  },
  { what: 'an expired version', from: watching('5'), input: { kind: 'expired' }, to: empty },
];

describe('the state of a reflector', () => {
  it.each(rows)('after $what in $from.kind is $to.kind', ({ from, input, to }) => {
    expect(nextState(from, input)).toEqual(to);
  });

  it('does not accept what cannot happen', () => {
    expect(() => nextState(empty, { kind: 'stored' })).toThrow('stored in state Empty');
  });
});
