import { describe, expect, it } from 'vitest';
import { type Happening, next, type State } from './state.ts';

const healthy: State = { kind: 'healthy' };
const unhealthy: State = { kind: 'unhealthy' };
const stopping: State = { kind: 'stopping', code: 3 };

const rows: readonly { name: string; from: State; happening: Happening; to: State }[] = [
  { name: 'turns unhealthy when told', from: healthy, happening: { kind: 'made-unhealthy' }, to: unhealthy },
  { name: 'stays unhealthy', from: unhealthy, happening: { kind: 'made-unhealthy' }, to: unhealthy },
  {
    name: 'stops with the given code',
    from: healthy,
    happening: { kind: 'told-to-stop', code: 3 },
    to: stopping,
  },
  {
    name: 'stops when unhealthy',
    from: unhealthy,
    happening: { kind: 'told-to-stop', code: 3 },
    to: stopping,
  },
  {
    name: 'keeps the first code',
    from: stopping,
    happening: { kind: 'told-to-stop', code: 0 },
    to: stopping,
  },
  {
    name: 'does not come back from stopping',
    from: stopping,
    happening: { kind: 'made-unhealthy' },
    to: stopping,
  },
];

describe('the state of the probe', () => {
  it.each(rows)('$name', ({ from, happening, to }) => {
    expect(next(from, happening)).toEqual(to);
  });

  it('is the same object when nothing changes, so that nothing is logged', () => {
    expect(next(unhealthy, { kind: 'made-unhealthy' })).toBe(unhealthy);
  });
});
