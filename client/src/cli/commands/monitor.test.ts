import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connected, unready, World } from '../testing/world.ts';

/** The table of all sessions. */

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.dispose());

describe('monitor', () => {
  beforeEach(() => {
    world.add('sales', { status: connected });
    world.add('support', {
      status: unready('Pairing', 'PairingRequired', 'a phone has to link the account'),
    });
    world.add('elsewhere', { namespace: 'other' });
  });

  it('shows all sessions, those that need somebody first', async () => {
    const { out } = await world.was(['monitor', '--once', '-A']);
    await expect(out).toMatchFileSnapshot('../testing/golden/monitor.txt');
  });

  it('asks each session for its queue', async () => {
    const { engine, call } = await world.withPod();
    expect(engine.snapshot.state).toBe('Starting');
    await call('POST', '/api/v1/messages', { to: '491510000002', content: { type: 'text', text: 'x' } });
    expect((await world.was(['monitor'])).out).toMatch(/sales +Pairing +- +- +1 +0/);
  });

  it('goes on in a terminal until it is interrupted', async () => {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 1_500);
    const { out, exitCode } = await world.was(['monitor', '--interval', '500ms'], {
      isTerminal: true,
      signal: interrupt.signal,
    });
    expect(exitCode).toBe(130);
    expect(out.split('\u001B[H').length).toBeGreaterThan(2);
  });
});
