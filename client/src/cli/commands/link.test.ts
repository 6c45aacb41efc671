import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { World } from '../testing/world.ts';

/** Linking an account from a terminal. */

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.dispose());

describe('qr', () => {
  it('shows every code until the session is connected, and ends with 0', async () => {
    const { engine } = await world.withPod();
    engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    const steps = [
      () => engine.pair({ method: 'QRCode', qr: '2@second', since: Date.now() }),
      () => engine.connect(),
    ];
    let shown = 0;
    const watch = (out: string) => {
      const codes = out.match(/On the phone: Linked devices/g)?.length ?? 0;
      while (shown < codes) steps[shown++]?.();
    };
    const { out, exitCode } = await world.was(['qr', 'sales'], { now: Date.now, watch });
    expect(out.match(/On the phone: Linked devices/g)).toHaveLength(2);
    expect(out.trimEnd().endsWith('Linked as 491510000001 (Sales), and Connected.')).toBe(true);
    expect(exitCode).toBe(0);
  });

  it('draws over the old code in a terminal', async () => {
    const { engine } = await world.withPod();
    engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    setTimeout(() => engine.connect(), 1_200);
    const { out } = await world.was(['qr', 'sales'], { now: Date.now, isTerminal: true });
    expect(out).toContain('\u001B[JLinked as');
  });

  it('ends at once when it is linked already', async () => {
    (await world.withPod()).engine.connect();
    const { out, exitCode } = await world.was(['qr', 'sales']);
    expect([out, exitCode]).toEqual(['It is linked already as 491510000001 (Sales), and Connected.\n', 0]);
  });

  it('ends with what a person has to do when the session has stopped', async () => {
    (await world.withPod()).engine.become('Failed', 'tos_block');
    expect((await world.was(['qr', 'sales'])).exitCode).toBe(6);
  });

  it('ends at its time limit', async () => {
    await world.withPod();
    const { exitCode, err } = await world.was(['qr', 'sales', '--timeout', '1s'], { now: Date.now });
    expect(exitCode).toBe(8);
    expect(err).toContain('it was not linked within 1s');
  });

  it('prints one code and ends, where only that is wanted', async () => {
    (await world.withPod()).engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    expect((await world.was(['qr', 'sales', '--once'])).exitCode).toBe(0);
  });
});

describe('pair', () => {
  it('asks for a code and shows it, readable', async () => {
    const { engine } = await world.withPod();
    engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    const { out } = await world.was(['pair', 'sales', '--phone', '+49 151 0000001', '--once']);
    expect(out).toContain('Code for 491510000001: ABCD-1234');
    expect((await world.was(['code', 'sales', '--once'])).out).toContain('ABCD-1234');
  });

  it('says how to change from a QR code to a code', async () => {
    (await world.withPod()).engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    const { err, exitCode } = await world.was(['pair', 'sales', '--code']);
    expect(exitCode).toBe(2);
    expect(err).toContain('--phone');
  });
});
